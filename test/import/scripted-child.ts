/** Stands in for import-child.ts: does what the text of the document says. Speaks the protocol without importing it, as it may read nothing else. */
import { readFileSync } from 'node:fs';

type Message = Readonly<Record<string, unknown>>;

const inbox: Message[] = [];
let arrived: (() => void) | undefined;
process.on('message', (message) => {
  inbox.push(message as Message);
  arrived?.();
});
process.once('disconnect', () => process.exit());

async function next(): Promise<Message> {
  for (;;) {
    const message = inbox.shift();
    if (message !== undefined) return message;
    await new Promise<void>((resolve) => (arrived = resolve));
  }
}

function send(message: object): void {
  process.send?.(message);
}

/** Facts whose only content is a text. */
async function say(text: string): Promise<void> {
  send({ type: 'facts', document: { facts: { versionId: text }, mediaType: 'application/json', files: [] } });
  await next();
  send({ type: 'end', result: { outcome: 'imported' } });
}

function fill(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(1000).fill(0).map(() => ({})));
}

function attempt(act: () => unknown): string {
  try {
    return `did: ${String(act())}`;
  } catch (error) {
    return `failed: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
}

const SCRIPTS: Readonly<Record<string, () => Promise<void> | void>> = {
  pid: async () => await say(String(process.pid)),
  environment: async () => await say(Object.keys(process.env).join(',')),
  file: async () => await say(attempt(() => readFileSync('/etc/hostname', 'utf8'))),
  process: async () => await say(attempt(() => process.getBuiltinModule('node:child_process').execSync('true'))),
  write: async () =>
    await say(attempt(() => process.getBuiltinModule('node:fs').writeFileSync('everbearer-probe', ''))),
  hang: () => {
    for (;;);
  },
  fill,
  throw: () => {
    throw new Error('on purpose');
  },
  exit: () => process.exit(0),
  report: () => send({ type: 'failed', reason: 'RangeError: on purpose' }),
  rows: async () => {
    send({ type: 'facts', document: { facts: { versionId: 'rows' }, mediaType: 'application/json', files: [] } });
    await next();
    for (let batch = 0; batch < 3; batch += 1) {
      send({ type: 'operations', rows: [{ operationId: `o${batch}` }] });
      await next();
    }
    send({ type: 'end', result: { outcome: 'imported' } });
  },
};

send({ type: 'ready' });
for (;;) {
  await next();
  const { bytes } = await next();
  await SCRIPTS[Buffer.from(bytes as Uint8Array).toString()]?.();
}
