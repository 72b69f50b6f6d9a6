/** A worker process with one Everbearer. Told what to do by messages, it answers each; `fleet.ts` is the other end. */
import { enableCompileCache } from 'node:module';
import type { EverbearerOverrides } from '../../../src/options.ts';
import type { Everbearer } from '../../../src/api.ts';
import { createEverbearer } from '../../../src/everbearer.ts';
import { createHttpClient } from '../../../src/io/http-client.ts';
import { createLogger } from '../../../src/io/logger.ts';
import type { Clock } from '../../../src/kernel/clock.ts';
import type { HttpClient } from '../../../src/kernel/http-client.ts';
import type { TokenView } from '../../../src/token/tokens-face.ts';
import { codeOf, createCallTally } from './call-tally.ts';
import { openElapsedTime, type ElapsedTime } from './elapsed-time.ts';
import { createElapsingClock } from './elapsing-clock.ts';
import { createPointActions, type PointActions } from './point-actions.ts';
import { setWallClock } from './wall-clock.ts';
import type { CommandName, InputOf, OpenInput, OutputOf, WorkerCommand, WorkerMessage } from './worker-commands.ts';

enableCompileCache();

/** What a worker has while a store is open. */
interface Opened {
  readonly everbearer: Everbearer;
  readonly time: ElapsedTime;
  readonly clock: Clock;
  readonly points: PointActions;
  /** Ends loads without a count. */
  readonly halted: Set<() => void>;
}

let opened: Opened | undefined;

async function open({ options, elapsedTime }: OpenInput): Promise<null> {
  await close();
  const time = openElapsedTime(elapsedTime);
  const clock = createElapsingClock(time.ofProcesses);
  const points = createPointActions({ tellReached: (point) => send({ reached: point }) });
  const overrides: EverbearerOverrides = {
    clock,
    storeClockOffsetMs: time.ofStore,
    http: namedHttpClient(options.actor ?? 'worker'),
    logger: createLogger({ level: 'error' }),
    onPoint: points.onPoint,
  };
  opened = { everbearer: await createEverbearer(options, overrides), time, clock, points, halted: new Set() };
  return null;
}

async function close(): Promise<null> {
  const closing = opened;
  opened = undefined;
  closing?.points.release();
  closing?.halted.forEach((halt) => halt());
  await closing?.everbearer.close();
  closing?.time.close();
  return null;
}

/** Says in every request which process sends it: the provider's log names it. */
function namedHttpClient(name: string): HttpClient {
  const http = createHttpClient();
  return {
    request: (request) => http.request({ ...request, headers: { 'user-agent': name, ...request.headers } }),
    close: () => http.close(),
  };
}

function inUse(): Opened {
  if (opened === undefined) throw new Error('No store is open.');
  return opened;
}

async function run(input: InputOf<'run'>): Promise<OutputOf<'run'>> {
  const { everbearer, clock, halted } = inUse();
  const { integration, operationId = 'listBooks', count = Infinity, concurrency, paceMs = 0 } = input;
  const tally = createCallTally();
  let left = count;
  const halt = (): void => {
    left = 0;
  };
  halted.add(halt);
  const line = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await tally.call(async () => await everbearer.tasks.run({ integration, operationId }));
      if (paceMs > 0) await clock.sleep(paceMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, line));
  halted.delete(halt);
  return tally.report();
}

async function get({ integration, count }: InputOf<'get'>): Promise<OutputOf<'get'>> {
  const { everbearer } = inUse();
  const tally = createCallTally();
  const headers = new Set<string>();
  const one = async (): Promise<'ok'> => {
    const token = await everbearer.tokens.get({ integration });
    headers.add(token.headers['Authorization'] ?? '');
    return 'ok';
  };
  await Promise.all(Array.from({ length: count }, () => tally.call(one)));
  return { ...tally.report(), headers: [...headers] };
}

async function token({ integration, verb, patch = {} }: InputOf<'token'>): Promise<TokenView> {
  const { tokens } = inUse().everbearer;
  return verb === 'set' ? await tokens.set({ integration }, patch) : await tokens[verb]({ integration });
}

/** Neither timers nor sockets are looked at before that instant of the clock's monotonic time. */
function standStill({ monotonic }: Pick<Clock, 'monotonic'>, until: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (monotonic() < until) Atomics.wait(never, 0, 0, 5);
}

const warnings: string[] = [];
process.on('warning', ({ name }) => warnings.push(name));

function report(): OutputOf<'report'> {
  return { rssBytes: process.memoryUsage.rss(), warnings, points: opened?.points.visits() ?? {} };
}

type Handlers = { readonly [N in CommandName]: (input: InputOf<N>) => OutputOf<N> | Promise<OutputOf<N>> };

const HANDLERS: Handlers = {
  open,
  close,
  run,
  get,
  token,
  report,
  halt: () => {
    inUse().halted.forEach((halt) => halt());
    return null;
  },
  edit: async ({ integration, patch }) => {
    await inUse().everbearer.integrations.set(integration, patch);
    return null;
  },
  arm: (armed) => {
    inUse().points.arm(armed);
    return null;
  },
  release: () => {
    inUse().points.release();
    return null;
  },
  'wall-clock': ({ offsetMs }) => {
    setWallClock(offsetMs);
    return null;
  },
  block: ({ ms }) => {
    const { clock } = inUse();
    const until = clock.monotonic() + ms;
    setImmediate(() => standStill(clock, until));
    return null;
  },
};

async function send(message: WorkerMessage): Promise<void> {
  await new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

async function obey<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>> {
  return await HANDLERS[name](input);
}

process.on('message', ({ id, name, input }: WorkerCommand) => {
  obey(name, input)
    .then(
      (output) => send({ id, output }),
      (error: unknown) => send({ id, error: { code: codeOf(error), message: String(error) } }),
    )
    // The other end is gone, and so is this one in a moment.
    .catch(() => undefined);
});
process.on('disconnect', () => process.exit());
await send({ ready: true });
