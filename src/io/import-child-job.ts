/** One document in the import child: parse, join its files, import, hand over. */
import { createHash } from 'node:crypto';
import type { DocumentFacts, ReadResult } from '../model/document-reader.ts';
import { surveyDocument } from '../openapi/document-survey.ts';
import { createFinding } from '../openapi/finding.ts';
import type { Finding } from '../openapi/import-report.ts';
import { importParsed } from '../openapi/import-document.ts';
import type { ImportedDocument, RefusedDocument } from '../openapi/imported-model.ts';
import { parseDocument } from '../openapi/parse-document.ts';
import type { ParsedDocument } from '../openapi/parse-document.ts';
import type { Bundle } from './bundle-files.ts';
import type { ParentChannel } from './import-child-parent.ts';
import { watched } from './import-child-watchdog.ts';
import { rowBatches } from './import-protocol.ts';
import type { ReadJob } from './import-protocol.ts';

type Parsed = Extract<ParsedDocument, { outcome: 'parsed' }>;

/** Longer than any parent waits. */
const WATCHDOG_MS = 60_000;
/** Characters of a document's facts as JSON: they are read as a whole, so they may not be large. */
const MAX_FACTS = 8 * 1024 * 1024;
const MAX_REASON = 300;

/** Answers with one last message, whatever happens. */
export async function runJob(job: ReadJob, parent: ParentChannel): Promise<void> {
  try {
    const bytes = await parent.receiveBytes(job.size);
    await (job.task === 'strict' ? validate(job, bytes, parent) : read(job, bytes, parent));
  } catch (error) {
    await parent.send({ type: 'failed', reason: String(error).slice(0, MAX_REASON) });
  }
}

async function validate(job: ReadJob, bytes: Uint8Array, parent: ParentChannel): Promise<void> {
  const parsed = parseDocument(bytes);
  const findings = parsed.outcome === 'parsed' ? await strictFindings(job, bytes, parsed, parent) : [];
  await parent.send({ type: 'findings', findings });
}

async function strictFindings(
  job: ReadJob,
  bytes: Uint8Array,
  parsed: Parsed,
  parent: ParentChannel,
): Promise<readonly Finding[]> {
  const { document } = await joinFiles(job, bytes, parsed, parent);
  // What the import itself refuses to look at is not given to a validator that would follow every repetition.
  if (surveyDocument(document, { shared: true }).outcome !== 'acceptable') return [];
  const { validateStrictly } = await import('./import-child-strict.ts');
  return await watched(WATCHDOG_MS, async () => await validateStrictly(document));
}

async function read(job: ReadJob, bytes: Uint8Array, parent: ParentChannel): Promise<void> {
  await parent.send({ type: 'end', result: await readDocument(job, bytes, parent) });
}

async function readDocument(job: ReadJob, bytes: Uint8Array, parent: ParentChannel): Promise<ReadResult> {
  const parsed = parseDocument(bytes);
  if (parsed.outcome === 'unreadable') return refuse(parsed.finding);
  const bundle = await joinFiles(job, bytes, parsed, parent);
  const outcome = importParsed(bundle.document, {
    limits: job.limits,
    sha256,
    findings: [...parsed.findings, ...bundle.findings],
    tree: parsed.format === 'json' && !bundle.bundled,
    strictFindings: job.strictFindings,
    ...(job.url === undefined ? {} : { documentUrl: job.url }),
  });
  if (outcome.outcome === 'refused') return withSmallReport(outcome);
  return await handOver(outcome, { mediaType: `application/${parsed.format}`, files: bundle.files }, parent);
}

/** Joins the document with the files it leads to; a document that stands alone is left as it is. */
async function joinFiles(
  { path, paths }: ReadJob,
  bytes: Uint8Array,
  { document }: Parsed,
  parent: ParentChannel,
): Promise<Bundle> {
  if (path === undefined || paths.length === 0) return { document, bundled: false, files: [], findings: [] };
  const files = { paths: new Set(paths), read: async (file: string) => await parent.requestFile(file) };
  const { bundleFiles } = await import('./bundle-files.ts');
  return await watched(WATCHDOG_MS, async () => await bundleFiles(path, document, bytes, files));
}

async function handOver(
  { facts, operations, fragments }: ImportedDocument,
  rest: Omit<DocumentFacts, 'facts'>,
  parent: ParentChannel,
): Promise<ReadResult> {
  if (JSON.stringify(facts).length > MAX_FACTS) return refuse(tooMuchToSay());
  const wanted = await parent.ask({ type: 'facts', document: { facts, ...rest } });
  if (!wanted) return { outcome: 'imported' };
  for (const rows of rowBatches(operations, (row) => row.definition.length)) {
    await parent.ask({ type: 'operations', rows });
  }
  for (const rows of rowBatches(fragments, (row) => row.value.length)) {
    await parent.ask({ type: 'fragments', rows });
  }
  return { outcome: 'imported' };
}

function refuse(finding: Finding): RefusedDocument {
  return { outcome: 'refused', code: finding.code === 'document_empty' ? 'bad_request' : 'document_refused', finding };
}

function withSmallReport({ report, ...refused }: RefusedDocument): RefusedDocument {
  return report === undefined || JSON.stringify(report).length > MAX_FACTS ? refused : { ...refused, report };
}

function tooMuchToSay(): Finding {
  return createFinding(
    'document_expands',
    'Servers, security schemes and findings take more than 8 MiB, which is too much to keep. Leave out what the operations do not need.',
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
