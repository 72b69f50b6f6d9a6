/**
 * The ways on which an attempt meets the named points of the protocol, and what is lost with a process that dies at one of them. Where a row says that
 * something is lost, it says which window of the promise it stands in (docs/token-lifecycle.md, "When a process dies").
 */
import { DatabaseSync } from 'node:sqlite';
import password from '../../../src/exchange/ready/password.json' with { type: 'json' };
import type { Json } from '../../../src/kernel/json.ts';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { Provider } from '../../../src/demo/provider.ts';
import { INTEGRATION, type Deployment, type DeploymentOptions } from './deployment.ts';
import { eventually } from './eventually.ts';
import { whileCommandsFail, WRITE_CONCERN_TIMEOUT } from './mongodb-faults.ts';
import type { StoreOfTests } from './stores.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import type { Worker } from './worker-process.ts';

/** What the integration has to present. */
export type Credentials = 'password' | 'refresh token alone';

export interface Stage {
  readonly deployment: Deployment;
  /** Dies. */
  readonly victim: Worker;
  /** Has died before, where the way needs it. */
  readonly predecessor: Worker;
  /** The victim's way to MongoDB; absent with SQLite. */
  readonly proxy?: TcpProxy;
  /** The lease is over after this long, milliseconds. */
  readonly leaseMs: number;
}

export interface KillScenario {
  readonly name: string;
  readonly credentials: readonly Credentials[];
  /** Default: every one. */
  readonly stores?: readonly StoreOfTests['name'][];
  /** The points that it leads to; and why a refresh token that was issued is lost there, if it is. */
  readonly points: Partial<Readonly<Record<ProtocolPoint, Loss>>>;
  readonly deployment?: DeploymentOptions;
  /** The process that goes on is started after the death; else it has been there before. */
  readonly heirStarts?: true;
  /** It begins without a token; else with one that has ended. */
  readonly startsEmpty?: true;
  /** Token requests until a process has a token, if none dies. */
  readonly requests: number;
  /** Leads the victim there. Resolves when it is dead. */
  readonly lead: (stage: Stage) => Promise<void>;
}

export type Loss = null | string;

const NOTHING: Loss = null;
const ONLY_IN_MEMORY: Loss = 'the answer was in the memory of the process that died, and nowhere else';
const NOT_LOOKED_FOR: Loss = 'who has other credentials asks for a new token before it looks for one that was spooled';
const CLEARED: Loss = 'a person cleared the token while it was on its way';
const BOTH: readonly Credentials[] = ['password', 'refresh token alone'];

/** The exchange of the password grant, which ends a token that nobody will use (RFC 7009). */
const PASSWORD_WITH_END: Json = {
  ...password,
  id: 'password_with_end',
  inputs: [...password.inputs, { name: 'revocation_url', title: 'Revocation URL', required: true }],
  end: [
    { name: 'end', method: 'POST', url: '{{ inputs.revocation_url }}', form: { token: '{{ token.access_token }}' } },
  ],
};

export const KILL_SCENARIOS: readonly KillScenario[] = [
  {
    name: 'a refresh',
    credentials: BOTH,
    points: {
      'acquire:before': NOTHING,
      'acquire:after': NOTHING,
      'send:before': NOTHING,
      'send:first-byte': NOTHING,
      'send:after': ONLY_IN_MEMORY,
      'save:before': ONLY_IN_MEMORY,
      'save:after': NOTHING,
    },
    requests: 1,
    lead: straightOn,
  },
  {
    name: 'a first token',
    credentials: ['password'],
    points: {
      'admit:before': NOTHING,
      'admit:after': NOTHING,
      'send:after': ONLY_IN_MEMORY,
      'save:after': NOTHING,
      'settle:before': NOTHING,
      'settle:after': NOTHING,
    },
    startsEmpty: true,
    requests: 1,
    lead: straightOn,
  },
  {
    name: 'a refused refresh token',
    credentials: ['password'],
    points: { 'extend:before': NOTHING, 'extend:after': NOTHING },
    requests: 2,
    lead: throughARefusal,
  },
  {
    name: "a refresh token in another's doubt",
    credentials: ['refresh token alone'],
    points: { 'watch:before': NOTHING, 'watch:after': NOTHING, 'extend:before': NOTHING, 'extend:after': NOTHING },
    requests: 1,
    lead: behindAnother,
  },
  {
    name: 'a provider that says later',
    credentials: BOTH,
    points: { 'fail:before': NOTHING, 'fail:after': NOTHING },
    requests: 2,
    lead: throughALimit,
  },
  {
    name: 'a request that was held up',
    credentials: BOTH,
    points: { 'release:before': NOTHING, 'release:after': NOTHING },
    requests: 1,
    lead: heldUp,
  },
  {
    name: 'an acquire without its confirmation',
    credentials: BOTH,
    // A write to SQLite is made or not, and known at once.
    stores: ['mongodb'],
    points: { 'confirm:before': NOTHING, 'confirm:after': NOTHING },
    requests: 1,
    lead: unconfirmed,
  },
  {
    name: 'a store that is away at the save',
    credentials: BOTH,
    points: { 'save:unstored': ONLY_IN_MEMORY, 'spool:before': ONLY_IN_MEMORY },
    requests: 1,
    lead: pastAStoreThatIsAway,
  },
  {
    name: 'a spooled token',
    credentials: ['refresh token alone'],
    points: { 'spool:after': NOTHING },
    requests: 1,
    lead: pastAStoreThatIsAway,
  },
  {
    name: 'a spooled token',
    credentials: ['password'],
    points: { 'spool:after': NOT_LOOKED_FOR },
    requests: 1,
    lead: pastAStoreThatIsAway,
  },
  {
    name: 'a spooled token and a new process',
    credentials: BOTH,
    points: { 'spool:after': NOTHING },
    heirStarts: true,
    requests: 1,
    lead: pastAStoreThatIsAway,
  },
  {
    name: 'a token that was cleared on its way',
    credentials: ['password'],
    points: { 'end:before': CLEARED, 'end:after': CLEARED },
    deployment: { authentication: withEnd },
    startsEmpty: true,
    requests: 2,
    lead: pastAClearedToken,
  },
];

function withEnd({ revocationUrl }: Provider): Readonly<Record<string, Json>> {
  return { exchange: PASSWORD_WITH_END, revocation_url: revocationUrl };
}

async function straightOn({ victim }: Stage): Promise<void> {
  await die(victim);
}

async function throughARefusal({ deployment, victim }: Stage): Promise<void> {
  deployment.provider.script({ name: 'invalid_grant', grant: 'refresh_token' });
  await die(victim);
}

async function behindAnother({ deployment, victim, predecessor, leaseMs }: Stage): Promise<void> {
  await predecessor.tell('arm', { point: 'send:before', action: { do: 'kill' } });
  await die(predecessor);
  deployment.age(leaseMs);
  await deployment.passUntil(die(victim));
}

async function throughALimit({ deployment, victim }: Stage): Promise<void> {
  deployment.provider.script({ name: 'status', status: 429, retryAfter: 1 });
  await die(victim);
  deployment.age(2_000);
}

async function heldUp({ deployment, victim, leaseMs }: Stage): Promise<void> {
  await victim.tell('arm', { point: 'send:before', action: { do: 'pause' } });
  const died = die(victim);
  await victim.reached('send:before');
  deployment.pass(leaseMs);
  await Promise.all([victim.tell('release', {}).catch(() => undefined), died]);
}

async function unconfirmed({ deployment, victim }: Stage): Promise<void> {
  const failing = { commands: ['findAndModify'], times: 1, fault: WRITE_CONCERN_TIMEOUT };
  await whileCommandsFail(deployment.store, failing, async () => await die(victim));
}

async function pastAStoreThatIsAway(stage: Stage): Promise<void> {
  const { deployment, victim } = stage;
  deployment.provider.script({ name: 'hold', grant: 'refresh_token' });
  const died = die(victim);
  await eventually('a held answer', () => deployment.provider.held() === 1);
  const back = takeStoreAway(stage);
  deployment.provider.release();
  await deployment.passUntil(died);
  back();
}

async function pastAClearedToken({ deployment, victim }: Stage): Promise<void> {
  deployment.provider.script({ name: 'hold', grant: 'password' });
  const died = die(victim);
  await eventually('a held answer', () => deployment.provider.held() === 1);
  await deployment.editor.tokens.clear({ integration: INTEGRATION });
  deployment.provider.release();
  await died;
}

/** Asks for a token and dies of it. */
async function die(worker: Worker): Promise<void> {
  worker.tell('get', { integration: INTEGRATION, count: 1 }).catch(() => undefined);
  await worker.ended();
}

/** @returns brings it back */
function takeStoreAway({ deployment, proxy }: Stage): () => void {
  if (proxy !== undefined) {
    proxy.refuse();
    return () => proxy.pass();
  }
  const database = new DatabaseSync(deployment.store.replace('sqlite:', ''));
  database.exec('BEGIN IMMEDIATE');
  return () => database.close();
}
