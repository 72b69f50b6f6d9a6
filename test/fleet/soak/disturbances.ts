/** What a soak does to its fleet: one row a disturbance. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Everbearer } from '../../../src/api.ts';
import type { Fault } from '../../../src/demo/fault.ts';
import type { Provider } from '../../../src/demo/provider.ts';
import { PROTOCOL_POINTS, type ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { Incident } from '../support/account.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { Worker } from '../support/worker-process.ts';
import { SOAK_INTEGRATIONS } from './soak-integrations.ts';
import type { SoakStore } from './soak-store.ts';

export interface Disturbed {
  readonly random: SeededRandom;
  readonly workers: () => readonly Worker[];
  readonly provider: Provider;
  /** Between the workers and the provider. */
  readonly proxy: TcpProxy;
  readonly store: SoakStore;
  readonly editor: Everbearer;
  /** Points at which workers are going to die, by their names. */
  readonly armed: Map<string, ProtocolPoint>;
  readonly note: (incident: Incident) => void;
}

export interface Disturbance {
  readonly name: string;
  /** How often it is chosen, in proportion to the others. */
  readonly weight: number;
  /** Resolves when it is over. */
  readonly disturb: (disturbed: Disturbed) => Promise<void>;
}

const SECOND = 1_000;
/** So long is an armed point waited for; it stays armed. */
const ARMED_FOR_MS = 20 * SECOND;

export const DISTURBANCES: readonly Disturbance[] = [
  { name: 'kill', weight: 4, disturb: kill },
  { name: 'kill at a named point', weight: 8, disturb: killAtPoint },
  { name: 'stop and go on', weight: 2, disturb: stopForAWhile },
  { name: 'provider cut', weight: 2, disturb: cutProvider },
  { name: 'provider fault', weight: 3, disturb: scriptFault },
  { name: 'store cut', weight: 1, disturb: cutStore },
  { name: 'edit by hand', weight: 1, disturb: editByHand },
];

export function chooseDisturbance(random: SeededRandom): Disturbance {
  return random.pick(DISTURBANCES.flatMap((each) => Array.from({ length: each.weight }, () => each)));
}

async function kill({ random, workers, armed }: Disturbed): Promise<void> {
  const worker = random.pick(workers());
  armed.delete(worker.name);
  await worker.kill('SIGKILL');
}

/** One that is not going to die already; where all are, one of them dies now. */
async function killAtPoint(disturbed: Disturbed): Promise<void> {
  const { random, workers, armed } = disturbed;
  const unarmed = workers().filter(({ name }) => !armed.has(name));
  if (unarmed.length === 0) {
    await kill(disturbed);
    return;
  }
  const worker = random.pick(unarmed);
  const point = random.pick(PROTOCOL_POINTS);
  armed.set(worker.name, point);
  await worker.tell('arm', { point, action: { do: 'kill' } });
  await Promise.race([worker.ended(), sleep(ARMED_FOR_MS)]);
}

async function stopForAWhile({ random, workers, note }: Disturbed): Promise<void> {
  const worker = random.pick(workers());
  const forMs = random.between(SECOND, 45 * SECOND);
  const at = Date.now();
  note({ at, kind: 'stopped', actor: worker.name, until: at + forMs });
  await worker.kill('SIGSTOP');
  await sleep(forMs);
  await worker.kill('SIGCONT');
}

async function cutProvider({ random, proxy, note }: Disturbed): Promise<void> {
  const forMs = random.between(0, 3 * SECOND);
  const at = Date.now();
  note({ at, kind: 'provider-cut', until: at + forMs });
  random.pick([() => proxy.cut(), () => proxy.refuse(), () => proxy.freeze()])();
  await sleep(forMs);
  proxy.pass();
}

/** Of the token endpoint; what is processed and lost spends a refresh token. */
const FAULTS: readonly Fault[] = [
  { name: 'status', status: 429, retryAfter: 2 },
  { name: 'status', status: 503 },
  { name: 'status', status: 503, retryAfter: 1 },
  { name: 'status', status: 502, processed: true },
  { name: 'html' },
  { name: 'answer-lost' },
  { name: 'truncated' },
  { name: 'slow', delayMs: 2_000 },
];

async function scriptFault({ random, provider }: Disturbed): Promise<void> {
  provider.script(random.pick(FAULTS));
}

async function cutStore({ random, store, note }: Disturbed): Promise<void> {
  const forMs = random.between(SECOND, 8 * SECOND);
  const at = Date.now();
  await store.cut(forMs);
  note({ at, kind: 'store-cut', until: Date.now() });
}

async function editByHand({ random, editor, note }: Disturbed): Promise<void> {
  const { name } = random.pick(SOAK_INTEGRATIONS.filter(({ refreshTokenOnly }) => !refreshTokenOnly));
  const query = { integration: name };
  const past = { expires_at: new Date(Date.now() - SECOND).toISOString() };
  const edits = [() => editor.tokens.clear(query), () => editor.tokens.set(query, past)];
  note({ at: Date.now(), kind: 'edited', integration: name });
  // A store that is away takes no edit.
  await random
    .pick(edits)()
    .catch(() => undefined);
}
