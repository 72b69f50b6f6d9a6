/** A process of its own with one SQLite store. Told what to do by messages, it answers each; `sqlite-process.ts` is the other end. */
import { openSqliteStore } from '../../../adapters/stores/sqlite/sqlite-store.ts';
import { errorDocument, EverbearerError } from '../../../src/errors.ts';
import type { Store } from '../../../src/store.ts';
import { sampleFacts, sampleOperation, sampleSource } from '../contract/model-samples.ts';
import type { WorkerAnswer, WorkerCommand } from './sqlite-process.ts';

let store: Store | undefined;

async function obey(command: WorkerCommand): Promise<unknown> {
  if (command.kind === 'open') {
    store = await openSqliteStore(command.path);
    return (await store.migrationStatus()).version;
  }
  if (store === undefined) throw new Error('not open');
  const { tokens } = store;
  switch (command.kind) {
    case 'apply':
      return await Promise.all(command.transitions.map((each) => tokens.apply(command.id, each)));
    case 'clear-repeatedly':
      for (let i = 0; i < command.times; i += 1) {
        await tokens.apply(command.id, { kind: 'clear', newId: `at-${i}` });
        process.send?.({ progress: i + 1 });
      }
      return command.times;
    case 'import':
      return await importModel(store, command.versionId, command.operations, command.sourceBytes);
    case 'close':
      await store.close();
      process.disconnect();
      return undefined;
  }
}

async function importModel(into: Store, versionId: string, operations: number, sourceBytes: number): Promise<string> {
  const writer = await into.models.begin();
  await writer.writeSource(Buffer.alloc(sourceBytes, 1));
  process.send?.({ progress: 1 });
  await writer.writeOperations(Array.from({ length: operations }, (_, i) => sampleOperation(i, { size: 1_000 })));
  process.send?.({ progress: 2 });
  return await writer.publish(sampleFacts(versionId, operations), sampleSource(sourceBytes));
}

function answer(message: WorkerAnswer): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (command: WorkerCommand) => {
  obey(command).then(
    (value) => answer({ value }),
    (error: unknown) => answer({ error: error instanceof EverbearerError ? errorDocument(error) : String(error) }),
  );
});
answer({ value: 'ready' });
