/** `import`: a document, or each document of a directory or zip. */
import type { Everbearer } from '../api.ts';
import { errorDocument, EverbearerError } from '../errors.ts';
import { createHttpClient } from '../io/http-client.ts';
import { readDocumentSource, type DocumentSource } from '../io/document-source.ts';
import type { DirectoryItem, ImportModelOptions, ImportResult, ModelSourceInput } from '../model/import-result.ts';
import type { ImportReport } from '../openapi/import-report.ts';
import type { Context } from './context.ts';
import { describeImport, describeReport } from './describe-import.ts';
import { describeIntegration, integrationInput } from './integration-answers.ts';
import { createProgress } from './progress.ts';
import { numberFlag, textFlag, type Action, type Flags } from './verb.ts';

export const importDocument: Action = async (context, [argument = ''], flags) => {
  const options = importOptions(context, flags);
  const source = await readSource(context, argument, options.maxBytes);
  const everbearer = await context.everbearer();
  if (source.kind === 'files') return await importFiles(context, everbearer, source.files, options);
  const { kind: _kind, ...document } = source;
  return await importOne(context, everbearer, document, options, flags);
};

function importOptions(context: Context, flags: Flags): ImportModelOptions {
  const maxBytes = numberFlag(flags, 'maxBytes');
  const maxOperations = numberFlag(flags, 'maxOperations');
  return {
    dryRun: flags['dryRun'] === true,
    replace: flags['replace'] === true,
    strict: flags['strict'] === true,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxOperations === undefined ? {} : { maxOperations }),
    signal: context.terminal.signal,
  };
}

async function readSource(context: Context, argument: string, maxBytes: number | undefined): Promise<DocumentSource> {
  const http = createHttpClient();
  try {
    return await readDocumentSource(argument, {
      http,
      stdin: context.terminal.readStdin(),
      privateAddresses: 'open',
      signal: context.terminal.signal,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
  } finally {
    await http.close();
  }
}

async function importOne(
  context: Context,
  everbearer: Everbearer,
  document: ModelSourceInput,
  options: ImportModelOptions,
  flags: Flags,
): Promise<number> {
  const result = await imported(context, everbearer, document, options);
  if (typeof result === 'number') return result;
  const name = textFlag(flags, 'as');
  const made =
    name === undefined || options.dryRun === true
      ? undefined
      : await makeIntegration(context, everbearer, name, result, flags);
  context.print(result.report, () =>
    [describeImport(context.paint, result), ...(made === undefined ? [] : ['', made])].join('\n'),
  );
  return 0;
}

/** A refused document is an answer of its own: `{error, report?}` and exit 4. */
async function imported(
  context: Context,
  everbearer: Everbearer,
  document: ModelSourceInput,
  options: ImportModelOptions,
): Promise<ImportResult | number> {
  try {
    return await everbearer.models.import(document, options);
  } catch (error) {
    if (!(error instanceof EverbearerError) || error.code !== 'document_refused') throw error;
    const { report, ...told } = errorDocument(error);
    context.print({ error: told, ...(report === undefined ? {} : { report }) }, () =>
      report === undefined ? '' : describeReport(context.paint, report as ImportReport),
    );
    if (!context.json)
      context.note(context.paint.bad(error.message) + (error.hint === undefined ? '' : `\n${error.hint}`));
    return 4;
  }
}

async function makeIntegration(
  context: Context,
  everbearer: Everbearer,
  name: string,
  { versionId }: ImportResult,
  flags: Flags,
): Promise<string> {
  const input = await integrationInput(context, everbearer, { name, model: versionId, flags });
  return describeIntegration(context.paint, await everbearer.integrations.create(input));
}

async function importFiles(
  context: Context,
  everbearer: Everbearer,
  files: ReadonlyMap<string, Uint8Array>,
  options: ImportModelOptions,
): Promise<number> {
  const progress = createProgress(context, 'documents');
  try {
    const result = await everbearer.models.importFiles(files, {
      ...options,
      onItem: (item, done, total) => {
        progress.step(done, total, item.file);
      },
    });
    progress.end();
    context.print(result, () => describeItems(context, result.items, result.imported, result.refused));
    return result.refused > 0 ? 4 : 0;
  } finally {
    progress.end();
  }
}

function describeItems(context: Context, items: readonly DirectoryItem[], imported: number, refused: number): string {
  const { paint } = context;
  const lines = items.map(({ file, outcome, versionId, report, error }) =>
    outcome === 'refused'
      ? `${paint.bad('refused')}    ${file}\n            ${paint.dim(messageOf(error))}`
      : `${paint.good(outcome.padEnd(9))}  ${file}  ${paint.dim(`${versionId ?? ''}, ${String(report?.operations.total ?? 0)} operations`)}`,
  );
  return [
    ...lines,
    '',
    `${String(imported)} imported, ${String(refused)} refused, ${String(items.length)} documents`,
  ].join('\n');
}

function messageOf(error: DirectoryItem['error']): string {
  const message = error?.['message'];
  return typeof message === 'string' ? message : '';
}
