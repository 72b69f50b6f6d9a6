/** One import child as a conversation: messages are sent and awaited, and its end, whatever the reason, is an answer like any other. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { childEnvironment, sandboxFlags } from './import-process-sandbox.ts';
import type { FromChild, ToChild } from './import-protocol.ts';
import { messageChunks } from './import-protocol.ts';

/** Why a child is gone. `unstartable`: it never got so far as to read a document · `stopped`: by us, for a reason of our own. */
export type ChildEnding = 'timeout' | 'memory' | 'crash' | 'unstartable' | 'stopped';

const OUT_OF_MEMORY = /heap limit|heap out of memory|Cannot allocate memory|bad_alloc/i;
/** V8 aborts when its heap is full; the kernel kills when the machine's memory is. */
const MEMORY_SIGNALS: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGKILL'];
const ABORTED = 134;
const KEPT_OF_STDERR = 4096;

export class ImportChild {
  readonly #process: ChildProcess;
  readonly #inbox: FromChild[] = [];
  readonly #ended: Promise<undefined>;
  #stderr = '';
  #ready = false;
  #ending: ChildEnding | undefined;
  #arrived: (() => void) | undefined;
  /** Documents that it has read. */
  documents = 0;

  constructor(entry: URL, heapMb: number) {
    this.#process = fork(entry, [], {
      execArgv: [`--max-old-space-size=${heapMb}`, '--disable-warning=ExperimentalWarning', ...sandboxFlags(entry)],
      env: childEnvironment(),
      cwd: tmpdir(),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-KEPT_OF_STDERR);
    });
    this.#process.on('message', (message) => {
      this.#receive(message as FromChild); // The other end of the pipe is our own import-child.ts.
    });
    this.#ended = this.#watchEnd();
  }

  /** How it ended; `undefined` while it runs. */
  get ending(): ChildEnding | undefined {
    return this.#ending;
  }

  /** The end of what it wrote to stderr: Node's own words about how it ended. */
  get lastWords(): string {
    return this.#stderr.trim();
  }

  /** Keeps our process alive while it works, and not while it waits. */
  hold(held: boolean): void {
    const method = held ? 'ref' : 'unref';
    this.#process[method]();
    this.#process.channel?.[method]();
    (this.#process.stderr as Partial<Record<typeof method, () => void>> | null)?.[method]?.();
  }

  /** Resolves once the message is on its way. Messages to a child that is gone vanish: the next one awaited says so. */
  async send(message: ToChild): Promise<void> {
    if (this.#ending !== undefined || !this.#process.connected) return;
    const sent = new Promise<void>((resolve) => this.#process.send(message, () => resolve()));
    await Promise.race([sent, this.#ended]);
  }

  async sendBytes(bytes: Uint8Array): Promise<void> {
    for (const chunk of messageChunks(bytes)) await this.send({ type: 'bytes', bytes: chunk });
  }

  /** The next message; `undefined` when it has ended before sending one. */
  async next(): Promise<FromChild | undefined> {
    for (;;) {
      const message = this.#inbox.shift();
      if (message !== undefined || this.#ending !== undefined) return message;
      const arrival = new Promise<void>((resolve) => (this.#arrived = resolve));
      await Promise.race([arrival, this.#ended]);
    }
  }

  /** Ends it at once. */
  async kill(reason: 'timeout' | 'stopped'): Promise<void> {
    this.#ending ??= reason;
    this.hold(true);
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #receive(message: FromChild): void {
    if (message.type === 'ready') this.#ready = true;
    else this.#inbox.push(message);
    this.#arrived?.();
  }

  async #watchEnd(): Promise<undefined> {
    const ending = await new Promise<ChildEnding>((resolve) => {
      this.#process.once('error', () => resolve('unstartable'));
      // `close` comes after the last of stderr, which says whether the heap was full.
      this.#process.once('close', (code, signal) => resolve(this.#endingOf(code, signal)));
    });
    this.#ending ??= ending;
    return undefined;
  }

  #endingOf(code: number | null, signal: NodeJS.Signals | null): ChildEnding {
    if (code === ABORTED || MEMORY_SIGNALS.includes(signal) || OUT_OF_MEMORY.test(this.#stderr)) return 'memory';
    return this.#ready ? 'crash' : 'unstartable';
  }
}
