/** `import`: a document, or each document of a directory or zip. */
import type { Everbearer } from '../api.ts';
import { errorCodeRow, errorDocument, EverbearerError, type ErrorCode } from '../errors.ts';
import { createHttpClient } from '../io/http-client.ts';
import { readDocumentSource, type DocumentSource } from '../io/document-source.ts';
import { createImportProcess } from '../io/import-process.ts';
import type { DirectoryItem, ImportModelOptions, ImportResult, ModelSourceInput } from '../model/import-result.ts';
import type { ImportReport } from '../openapi/import-report.ts';
import type { Context } from './context.ts';
import { describeImport, describeReport } from './describe-import.ts';
import { harmlessLine } from './harmless.ts';
import { describeIntegration, integrationInput } from './integration-answers.ts';
import { createProgress } from './progress.ts';
import { describeError } from './report-error.ts';
import { numberFlag, textFlag, type Action, type Flags } from './verb.ts';

/** Failures that say something of the document: `{error, report?}`. */
const OF_THE_DOCUMENT: readonly ErrorCode[] = ['document_refused', 'version_exists'];

export const importDocument: Action = async (context, [argument = ''], flags) => {
  const as = textFlag(flags, 'as');
  if (as === undefined && flags['from'] !== undefined) {
    throw new EverbearerError('bad_request', '--from gives the values of an integration, and none is to be made.', {
      hint: 'Add --as <name>, or leave --from out.',
    });
  }
  const options = importOptions(context, flags);
  // Its process starts while the document is read and the store opened.
  const reader = createImportProcess();
  reader.start();
  const opening: Context = { ...context, everbearer: () => context.everbearer({ reader }) };
  try {
    const source = await readSource(context, argument, options.maxBytes);
    if (source.kind === 'files') return await importFiles(opening, source, options, as);
    const { kind: _kind, ...document } = source;
    return await importOne(opening, document, options, flags);
  } catch (error) {
    if (error instanceof EverbearerError && OF_THE_DOCUMENT.includes(error.code)) return tellRefused(context, error);
    throw error;
  } finally {
    await reader.close();
  }
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
  if (argument === '-' && context.terminal.isInteractive)
    context.note('Reading the document from standard input; end it with Ctrl-D.');
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
  document: ModelSourceInput,
  options: ImportModelOptions,
  flags: Flags,
): Promise<number> {
  const everbearer = await context.everbearer();
  const result = await everbearer.models.import(document, options);
  const name = textFlag(flags, 'as');
  const made =
    name === undefined || options.dryRun === true
      ? undefined
      : await makeIntegration(context, everbearer, name, result, flags);
  context.print(result.report, () =>
    [describeImport(context.paint, result, made !== undefined), ...(made === undefined ? [] : ['', made])].join('\n'),
  );
  return 0;
}

/** @throws EverbearerError as `integrations.create`; its details hold the report, since the model stands */
async function makeIntegration(
  context: Context,
  everbearer: Everbearer,
  name: string,
  { versionId, report }: ImportResult,
  flags: Flags,
): Promise<string> {
  try {
    const input = await integrationInput(context, everbearer, { name, model: versionId, flags });
    const view = await everbearer.integrations.create(input);
    return `${describeIntegration(context.paint, view)}\n\nNext: everbearer run ${name} <operationId>`;
  } catch (error) {
    if (!(error instanceof EverbearerError)) throw error;
    const { code, message, hint, retryable, details } = error;
    throw new EverbearerError(code, `The model ${versionId} stands, but the integration was not made. ${message}`, {
      retryable,
      details: { ...details, versionId, report },
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** A refused document is an answer of its own. @returns the exit code */
function tellRefused(context: Context, error: EverbearerError): number {
  const { report, ...told } = errorDocument(error);
  // Of a version that is there already only that is news.
  const isNews = report !== undefined && error.code === 'document_refused';
  context.print({ error: told, ...(report === undefined ? {} : { report }) }, () =>
    isNews ? `${describeReport(context.paint, report as ImportReport)}\n` : '',
  );
  if (!context.json) context.note(describeError(context.paint, error));
  return errorCodeRow(error.code).exit;
}

async function importFiles(
  context: Context,
  { name, files }: Extract<DocumentSource, { kind: 'files' }>,
  options: ImportModelOptions,
  as: string | undefined,
): Promise<number> {
  if (as !== undefined) {
    throw new EverbearerError('bad_request', `--as makes one integration, and ${name} may hold several documents.`, {
      hint: 'Import it without --as, then: everbearer integrations create <name> --model <versionId>',
    });
  }
  const everbearer = await context.everbearer();
  const progress = await createProgress(context, 'documents');
  try {
    const result = await everbearer.models.importFiles(files, {
      ...options,
      onItem: (item, done, total) => {
        progress.step(done, total, harmlessLine(item.file));
      },
    });
    progress.end();
    context.print(result, () => describeItems(context, result.items, result.imported, result.refused));
    return result.refused > 0 ? errorCodeRow('document_refused').exit : 0;
  } finally {
    progress.end();
  }
}

function describeItems(context: Context, items: readonly DirectoryItem[], imported: number, refused: number): string {
  if (items.length === 0) return 'No OpenAPI document was found there.';
  const { paint } = context;
  const lines = items.map(({ file, outcome, versionId, report, error }) =>
    outcome === 'refused'
      ? `${paint.bad('refused')}    ${file}\n           ${paint.dim(reasonOf(error))}`
      : `${paint.good(outcome.padEnd(9))}  ${file}  ${paint.dim(`${versionId ?? ''}, ${String(report?.operations.total ?? 0)} operations`)}`,
  );
  return [
    ...lines,
    '',
    `${String(imported)} imported, ${String(refused)} refused, ${String(items.length)} documents`,
  ].join('\n');
}

function reasonOf({ message, line, column, pointer }: Readonly<Record<string, unknown>> = {}): string {
  const place = typeof line === 'number' ? `line ${line}, column ${String(column)}` : pointer;
  return [message, place].filter((part) => typeof part === 'string' && part !== '').join('  ');
}
