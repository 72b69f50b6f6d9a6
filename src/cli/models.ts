/** `models list|show|tasks|export|remove` */
import { describeReport } from './describe-import.ts';
import { everyItem } from './every-item.ts';
import { facts, table } from './table.ts';
import { textFlag, type Action } from './verb.ts';

export const listModels: Action = async (context) => {
  const everbearer = await context.everbearer();
  const models = await everyItem((page) => everbearer.models.list(page));
  const items = models.map(({ importedAt, ...item }) => ({ ...item, imported_at: new Date(importedAt).toISOString() }));
  context.print({ items }, () =>
    items.length === 0
      ? 'No models yet. Import one: everbearer import <file>'
      : table([
          ['VERSION ID', 'OPENAPI', 'OPERATIONS', 'IMPORTED'],
          ...items.map((item) => [item.versionId, item.specVersion, String(item.operations), item.imported_at]),
        ]),
  );
  return 0;
};

export const showModel: Action = async (context, [versionId = '']) => {
  const everbearer = await context.everbearer();
  const { facts: model, source, importedAt } = await everbearer.models.get(versionId);
  const imported_at = new Date(importedAt).toISOString();
  context.print({ ...model, source, imported_at }, () =>
    [
      facts([
        ['model', context.paint.strong(model.versionId)],
        ['source', `${source.mediaType}, ${String(source.bytes)} bytes, sha256 ${source.sha256.slice(0, 12)}…`],
        ['imported', imported_at],
      ]),
      describeReport(context.paint, model.report),
    ].join('\n'),
  );
  return 0;
};

export const listTasks: Action = async (context, [versionId = ''], flags) => {
  const everbearer = await context.everbearer();
  const operationId = textFlag(flags, 'operation');
  if (operationId !== undefined) {
    const task = await everbearer.models.task(versionId, operationId);
    context.print(task, () =>
      [
        `${context.paint.strong(task.operation.operationId)}  ${task.operation.method} ${task.operation.path}`,
        ...(task.operation.summary === undefined ? [] : [task.operation.summary]),
        '',
        'Input:',
        JSON.stringify(task.inputSchema, null, 2),
      ].join('\n'),
    );
    return 0;
  }
  const operations = await everyItem((page) => everbearer.models.tasks(versionId, page));
  if (!context.json) {
    const rows = operations.map((item) => [item.operationId, item.method, item.path, item.summary ?? '']);
    context.print(undefined, () => table([['OPERATION ID', 'METHOD', 'PATH', 'SUMMARY'], ...rows]));
    return 0;
  }
  const items = [];
  for (const { operationId: id, method, path, summary } of operations) {
    const { inputSchema } = await everbearer.models.task(versionId, id);
    items.push({ operationId: id, method, path, ...(summary === undefined ? {} : { summary }), inputSchema });
  }
  context.print({ items }, () => '');
  return 0;
};

export const exportModel: Action = async (context, [versionId = '']) => {
  const everbearer = await context.everbearer();
  const chunks = await everbearer.models.export(versionId);
  if (!context.json) {
    for await (const chunk of chunks) await context.terminal.outBytes(chunk);
    return 0;
  }
  const { mediaType } = (await everbearer.models.get(versionId)).source;
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  // A document that was imported with the files it refers to comes as a zip.
  const content =
    mediaType === 'application/zip' ? { base64: bytes.toString('base64') } : { document: bytes.toString('utf8') };
  context.print({ versionId, mediaType, ...content }, () => '');
  return 0;
};

export const removeModel: Action = async (context, [versionId = '']) => {
  const everbearer = await context.everbearer();
  await everbearer.models.remove(versionId);
  context.print({ removed: versionId }, () => `${context.paint.good('removed')} ${versionId}`);
  return 0;
};
