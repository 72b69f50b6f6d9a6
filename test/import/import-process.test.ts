/** The conversation with the import child, against a child that does what the document says. What real documents do to the real child: hostile.test.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createImportProcess } from '../../src/io/import-process.ts';
import type { ImportProcessOptions, ImportReader } from '../../src/io/import-process.ts';
import type { ReadResult, RowSink } from '../../src/model/document-reader.ts';

const ENTRY = new URL('./scripted-child.ts', import.meta.url);
const LIMITS = { maxBytes: 1000, maxOperations: 10 };

let reader: ImportReader | undefined;

afterEach(async () => await reader?.close());

function start(options: ImportProcessOptions = {}): ImportReader {
  reader = createImportProcess({ entry: ENTRY, ...options });
  return reader;
}

function sink(more: Partial<RowSink> = {}): RowSink & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    facts: async ({ facts }) => {
      said.push(facts.versionId);
      return true;
    },
    operations: async (rows) => void said.push(...rows.map((row) => row.operationId)),
    fragments: async () => undefined,
    ...more,
  };
}

async function read(to: ImportReader, text: string, into: RowSink = sink(), signal?: AbortSignal): Promise<ReadResult> {
  const options = { limits: LIMITS, strict: false, ...(signal === undefined ? {} : { signal }) };
  return await to.read({ name: text, bytes: Buffer.from(text) }, options, into);
}

async function say(to: ImportReader, text: string): Promise<string> {
  const heard = sink();
  await read(to, text, heard);
  return heard.said.join();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an end of the child is a refusal with its own code, and the next document gets a new child', () => {
  test.each([
    ['hang', 'import_timeout', 'stopped after 1 s'],
    ['fill', 'import_memory', '64 MiB'],
    ['throw', 'import_crashed', 'ended unexpectedly.'],
    ['exit', 'import_crashed', 'ended unexpectedly.'],
    ['report', 'import_crashed', 'RangeError: on purpose'],
  ])('%s → %s', async (text, code, message) => {
    const process = start({ wallMs: 1000, heapMb: 64 });
    const result = await read(process, text);
    expect(result).toMatchObject({
      outcome: 'refused',
      code: 'document_refused',
      finding: { severity: 'error', code, message: expect.stringContaining(message) },
    });
    expect(await say(process, 'pid')).toMatch(/^\d+$/);
  });

  test('a child that never starts is our failure, not the document', async () => {
    const process = start({ entry: new URL('./no-such-child.ts', import.meta.url) });
    await expect(read(process, 'pid')).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('one child', () => {
  test('is reused, and replaced when it has read its number of documents', async () => {
    const process = start({ maxDocuments: 2 });
    const pids = [await say(process, 'pid'), await say(process, 'pid'), await say(process, 'pid')];
    expect(pids[0]).toBe(pids[1]);
    expect(pids[2]).not.toBe(pids[0]);
  });

  test('reads one document at a time, in the order of the calls', async () => {
    const process = start();
    const order: string[] = [];
    const texts = ['rows', 'pid', 'rows'];
    await Promise.all(texts.map(async (text, at) => await read(process, text, sink()).then(() => order.push(`${at}`))));
    expect(order).toEqual(['0', '1', '2']);
  });

  test('can be started ahead of the first document', async () => {
    const process = start();
    process.start();
    process.start();
    expect(await say(process, 'pid')).toBe(await say(process, 'pid'));
  });

  test('that was ended from outside while it had nothing to do is replaced', async () => {
    const reader = start();
    const pid = Number(await say(reader, 'pid'));
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await say(reader, 'pid')).toMatch(/^\d+$/), { timeout: 5000 });
    expect(Number(await say(reader, 'pid'))).not.toBe(pid);
  });

  test('ends when there is nothing to do', async () => {
    const pid = Number(await say(start({ idleMs: 20 }), 'pid'));
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
  });

  test('ends with close, after which nothing is read', async () => {
    const process = start();
    const pid = Number(await say(process, 'pid'));
    await process.close();
    expect(isAlive(pid)).toBe(false);
    await expect(read(process, 'pid')).rejects.toMatchObject({ code: 'internal' });
  });

  test('has no variable of ours, reads no foreign file, writes none, and starts no process', async () => {
    vi.stubEnv('EVERBEARER_PROBE', 'secret');
    const reader = start();
    expect(await say(reader, 'environment')).not.toMatch(/EVERBEARER|PATH|HOME/);
    expect(await say(reader, 'file')).toBe('failed: ERR_ACCESS_DENIED');
    expect(await say(reader, 'write')).toBe('failed: ERR_ACCESS_DENIED');
    expect(await say(reader, 'process')).toBe('failed: ERR_ACCESS_DENIED');
    vi.unstubAllEnvs();
  });
});

describe('rows', () => {
  test('wait for the sink, whose time is not the document’s', async () => {
    const process = start({ wallMs: 1000 });
    await vi.waitFor(async () => expect(await say(process, 'pid')).not.toBe(''), { timeout: 20_000 });
    const release = Promise.withResolvers<undefined>();
    const heard = sink();
    const slow = sink({
      operations: async (rows) => {
        await heard.operations(rows);
        await release.promise;
      },
    });
    const reading = read(process, 'rows', slow);
    await vi.waitFor(() => expect(heard.said).toEqual(['o0']), { timeout: 5000 });
    const held = performance.now();
    await vi.waitFor(() => expect(performance.now() - held).toBeGreaterThan(1200), { timeout: 5000 });
    expect(heard.said).toEqual(['o0']);
    release.resolve(undefined);
    expect(await reading).toEqual({ outcome: 'imported' });
    expect(heard.said).toEqual(['o0', 'o1', 'o2']);
  });

  test('what the sink throws passes through, and the next document is read', async () => {
    const process = start();
    const failing = sink({ operations: () => Promise.reject(new Error('the store is gone')) });
    await expect(read(process, 'rows', failing)).rejects.toThrow('the store is gone');
    expect(await say(process, 'rows')).toBe('rows,o0,o1,o2');
  });
});

describe('the signal', () => {
  test('ends a document that hangs with its reason; the next one is read', async () => {
    const process = start();
    const abort = new AbortController();
    const reading = read(process, 'hang', sink(), abort.signal);
    await setImmediate();
    abort.abort(new Error('no longer wanted'));
    await expect(reading).rejects.toThrow('no longer wanted');
    expect(await say(process, 'pid')).toMatch(/^\d+$/);
  });

  test('keeps a document that waits for its turn from being read', async () => {
    const process = start();
    const abort = new AbortController();
    const first = read(process, 'rows');
    const second = read(process, 'hang', sink(), abort.signal);
    abort.abort(new Error('no longer wanted'));
    await expect(second).rejects.toThrow('no longer wanted');
    expect(await first).toEqual({ outcome: 'imported' });
  });
});

describe('the parent', () => {
  /** A process that reads one document, says the child's pid, and then does as told. */
  function runParent(text: string, then: string): ReturnType<typeof spawn> {
    const code = `
      import { createImportProcess } from ${JSON.stringify(new URL('../../src/io/import-process.ts', import.meta.url).href)};
      const reader = createImportProcess({ entry: new URL(${JSON.stringify(ENTRY.href)}) });
      const read = (text) => reader.read({ name: text, bytes: Buffer.from(text) },
        { limits: { maxBytes: 1000, maxOperations: 10 }, strict: false },
        { facts: async ({ facts }) => { console.log(facts.versionId); return true; }, operations: async () => {}, fragments: async () => {} });
      await read(${JSON.stringify(text)});
      ${then}`;
    return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async function childPid(parent: ReturnType<typeof spawn>): Promise<number> {
    const [text] = (await once(parent.stdout!, 'data')) as [Buffer];
    return Number(text.toString());
  }

  test('ends by itself though it never closed the reader, and the child with it', async () => {
    const parent = runParent('pid', '');
    const ended = once(parent, 'exit');
    const pid = await childPid(parent);
    expect(await ended).toEqual([0, null]);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
  });

  test('can wait for the end of the child', async () => {
    const parent = runParent('pid', 'await reader.close(); console.log("closed");');
    expect(await once(parent, 'exit')).toEqual([0, null]);
  });

  test('takes the child with it when it is killed', async () => {
    const parent = runParent('pid', 'setInterval(() => {}, 1000);');
    const pid = await childPid(parent);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
  });
});
