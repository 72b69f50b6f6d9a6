/**
 * The `DocumentReader` port on a child process: whatever a document does to its reader (hang, fill the heap, crash) happens there, under limits of time and
 * memory, and is a refusal here. One child at a time, reused, replaced when it failed or is worn; documents queue.
 */
import { EverbearerError } from '../errors.ts';
import type { DocumentInput, DocumentReader, ReadOptions, ReadResult, RowSink } from '../model/document-reader.ts';
import { createFinding } from '../openapi/finding.ts';
import type { Finding } from '../openapi/import-report.ts';
import { ImportChild } from './import-process-child.ts';
import { TimeLimit } from './import-process-limit.ts';
import { refusal, wallMs } from './import-process-refusal.ts';
import type { Failed } from './import-process-refusal.ts';
import type { FromChild, ReadJob } from './import-protocol.ts';

export interface ImportProcessOptions {
  /**
   * Time that the child may work on one document, milliseconds; the time that the sink takes is not counted. A document larger than the default limit
   * of 16 MiB, which somebody must have allowed by name, gets more in proportion. Default 15,000.
   */
  readonly wallMs?: number;
  /** Old space of the child's heap, MiB. Default 1,024. */
  readonly heapMb?: number;
  /** A child is replaced after so many documents. Default 100. */
  readonly maxDocuments?: number;
  /** A child without work is ended after so long, milliseconds. Default 30,000. */
  readonly idleMs?: number;
  /** What the child runs. Default: `import-child` beside this file. */
  readonly entry?: URL;
}

/** `.ts` in the sources, `.js` in `dist`: the child's entry stands beside us under either name. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './import-child.ts' : './import-child.js', import.meta.url);

export interface ImportReader extends DocumentReader {
  /** Starts the child ahead of the first document. It keeps nothing alive, and is ended like any other without work. */
  start(): void;
}

export function createImportProcess(options: ImportProcessOptions = {}): ImportReader {
  return new ImportProcess({
    wallMs: 15_000,
    heapMb: 1024,
    maxDocuments: 100,
    idleMs: 30_000,
    entry: ENTRY,
    ...options,
  });
}

class ImportProcess implements ImportReader {
  readonly #options: Required<ImportProcessOptions>;
  #child: ImportChild | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: Required<ImportProcessOptions>) {
    this.#options = options;
  }

  async read(input: DocumentInput, options: ReadOptions, sink: RowSink): Promise<ReadResult> {
    const turn = this.#queue.then(async () => await this.#readNow(input, options, sink));
    this.#queue = turn.catch(() => undefined);
    return await turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    await this.#child?.kill('stopped');
  }

  async #readNow(input: DocumentInput, options: ReadOptions, sink: RowSink): Promise<ReadResult> {
    options.signal?.throwIfAborted();
    const strictFindings = options.strict ? await this.#validate(input, options) : [];
    const job = createJob('import', input, options, strictFindings);
    const result = await this.#converse(input, job, options, async (message, child) => {
      switch (message.type) {
        case 'facts':
          await child.send({ type: 'more', more: await sink.facts(message.document) });
          return undefined;
        case 'operations':
          await sink.operations(message.rows);
          await child.send({ type: 'more', more: true });
          return undefined;
        case 'fragments':
          await sink.fragments(message.rows);
          await child.send({ type: 'more', more: true });
          return undefined;
        case 'end':
          return message.result;
        default:
          return undefined;
      }
    });
    return 'outcome' in result ? result : refusal(result, input, this.#options);
  }

  async #validate(input: DocumentInput, options: ReadOptions): Promise<readonly Finding[]> {
    const job = createJob('strict', input, options, []);
    const result = await this.#converse(input, job, options, async (message) =>
      message.type === 'findings' ? message : undefined,
    );
    if ('findings' in result) return result.findings;
    return [
      createFinding(
        'strict_unfinished',
        `The full validation was left out. ${refusal(result, input, this.#options).finding.message}`,
      ),
    ];
  }

  /**
   * One job from its first message to its last.
   * @param answer gives the result once the message is the last one
   * @throws what `answer` throws; the signal's reason
   */
  async #converse<Result extends object>(
    input: DocumentInput,
    job: ReadJob,
    options: ReadOptions,
    answer: (message: FromChild, child: ImportChild) => Promise<Result | undefined>,
  ): Promise<Result | Failed> {
    const child = this.#takeChild();
    const limit = new TimeLimit(wallMs(input, this.#options), () => void child.kill('timeout'));
    const abort = (): void => void child.kill('stopped');
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      limit.resume();
      await child.send({ type: 'read', job });
      await child.sendBytes(input.bytes);
      for (;;) {
        const message = await child.next();
        limit.pause();
        if (message === undefined) return this.#failed(child, options.signal);
        if (message.type === 'failed') return { ending: 'crash', reason: message.reason };
        if (message.type === 'wants') {
          limit.resume();
          await sendFile(child, input, message.path);
          continue;
        }
        const result = await answer(message, child);
        if (result !== undefined) return result;
        limit.resume();
      }
    } catch (error) {
      // Its conversation is cut in the middle: the next document gets a new one.
      await child.kill('stopped');
      throw error;
    } finally {
      limit.pause();
      options.signal?.removeEventListener('abort', abort);
      this.#putBack(child);
    }
  }

  #failed(child: ImportChild, signal: AbortSignal | undefined): Failed {
    signal?.throwIfAborted();
    if (child.ending === 'unstartable') {
      throw new EverbearerError('internal', 'The import process could not be started.', {
        cause: new Error(child.lastWords),
        retryable: true,
      });
    }
    if (this.#closed) throw new EverbearerError('internal', 'Closed while a document was being read.');
    return { ending: child.ending ?? 'crash' };
  }

  start(): void {
    if (!this.#closed && this.#child === undefined) this.#rest(this.#startChild());
  }

  #startChild(): ImportChild {
    this.#child = new ImportChild(this.#options.entry, this.#options.heapMb);
    return this.#child;
  }

  #takeChild(): ImportChild {
    if (this.#closed) throw new EverbearerError('internal', 'The document reader is closed.');
    clearTimeout(this.#idle);
    // It may have been ended from outside while it had nothing to do.
    const child = this.#child?.ending === undefined ? (this.#child ?? this.#startChild()) : this.#startChild();
    child.hold(true);
    return child;
  }

  #putBack(child: ImportChild): void {
    child.documents += 1;
    const worn = child.documents >= this.#options.maxDocuments;
    if (worn || child.ending !== undefined) {
      this.#child = undefined;
      void child.kill('stopped');
      return;
    }
    this.#rest(child);
  }

  #rest(child: ImportChild): void {
    child.hold(false);
    this.#idle = setTimeout(() => {
      this.#child = undefined;
      void child.kill('stopped');
    }, this.#options.idleMs).unref();
  }
}

async function sendFile(child: ImportChild, input: DocumentInput, path: string): Promise<void> {
  const bytes = input.siblings?.get(path) ?? new Uint8Array();
  await child.send({ type: 'file', size: bytes.length });
  await child.sendBytes(bytes);
}

function createJob(
  task: ReadJob['task'],
  input: DocumentInput,
  { limits }: ReadOptions,
  strictFindings: readonly Finding[],
): ReadJob {
  const paths = [...(input.siblings?.keys() ?? [])].filter((path) => path !== input.path);
  return {
    task,
    size: input.bytes.length,
    limits,
    strictFindings,
    paths,
    ...(input.path === undefined ? {} : { path: input.path }),
    ...(input.url === undefined ? {} : { url: input.url }),
  };
}
