/** One import: the reader's facts decide what is done, its rows go straight to the store, and nothing is seen of it before the last write. */
import { EverbearerError } from '../errors.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { EventDetails, EventType } from '../kernel/event.ts';
import type { Logger } from '../kernel/logger.ts';
import type { FragmentRow, ImportLimits, OperationRow } from '../openapi/imported-model.ts';
import type { DocumentFacts, DocumentInput, DocumentReader, RowSink } from './document-reader.ts';
import type { ImportModelOptions, ImportResult, ModelDiff } from './import-result.ts';
import { compareNames, operationDigests, schemeTexts } from './model-diff.ts';
import { packSource, sourceChunks } from './model-source.ts';
import type { PackedSource, SourceTools } from './model-source.ts';
import type { ModelRecord, ModelStore, ModelWriter } from './model-store.ts';
import { refusedError, tooLarge } from './refused-document.ts';

/** Which integrations use a model. The integration store answers it. */
export interface ModelUsers {
  /** Names, at most `limit`. */
  namesByModel(versionId: string, limit: number): Promise<readonly string[]>;
}

export interface ImportPorts {
  readonly store: ModelStore;
  readonly reader: DocumentReader;
  readonly users: ModelUsers;
  readonly events: EventStore;
  readonly source: SourceTools;
  readonly logger: Logger;
  /** Whom the events name. */
  readonly actor: string;
}

export const IMPORT_LIMITS: ImportLimits = { maxBytes: 16 * 1024 * 1024, maxOperations: 5_000 };

/** At most so many integrations are named by a diff. */
const NAMED_INTEGRATIONS = 100;

/** What the facts decided. `write` is the only one for which rows are read. */
type Plan =
  | { readonly do: 'check' | 'leave'; readonly document: DocumentFacts }
  | { readonly do: 'refuse'; readonly document: DocumentFacts; readonly existing: ModelRecord }
  | {
      readonly do: 'write';
      readonly document: DocumentFacts;
      readonly source: PackedSource;
      readonly existing?: ModelRecord;
      readonly writer: ModelWriter;
    };

/**
 * Imports one document.
 * @throws EverbearerError `document_refused`, `bad_request`, `version_exists`, `conflict` (replaced by somebody else meanwhile), `store_unavailable`
 */
export async function importModel(
  ports: ImportPorts,
  input: DocumentInput,
  options: ImportModelOptions = {},
): Promise<ImportResult> {
  const limits = {
    maxBytes: options.maxBytes ?? IMPORT_LIMITS.maxBytes,
    maxOperations: options.maxOperations ?? IMPORT_LIMITS.maxOperations,
  };
  if (input.bytes.length > limits.maxBytes)
    throw refusedError(input.name, tooLarge(input.bytes.length, limits.maxBytes));
  const reading = new Reading(ports, input, options);
  try {
    const result = await ports.reader.read(input, readOptions(options, limits), reading);
    if (result.outcome === 'refused') throw refusedError(input.name, result);
    return await finish(ports, reading);
  } catch (error) {
    await reading.abandon();
    throw error;
  }
}

function readOptions(options: ImportModelOptions, limits: ImportLimits): Parameters<DocumentReader['read']>[1] {
  const { signal } = options;
  return { limits, strict: options.strict ?? false, ...(signal === undefined ? {} : { signal }) };
}

/** The sink of one import: plans once the facts are there, then passes the rows on. */
class Reading implements RowSink {
  readonly #ports: ImportPorts;
  readonly #input: DocumentInput;
  readonly #options: ImportModelOptions;
  readonly digests = new Map<string, string>();
  #plan: Plan | undefined;
  #writer: ModelWriter | undefined;

  constructor(ports: ImportPorts, input: DocumentInput, options: ImportModelOptions) {
    this.#ports = ports;
    this.#input = input;
    this.#options = options;
  }

  /** @throws EverbearerError `internal` where the reader ended without facts */
  get plan(): Plan {
    if (this.#plan === undefined) throw new EverbearerError('internal', 'The document reader gave no facts.');
    return this.#plan;
  }

  async facts(document: DocumentFacts): Promise<boolean> {
    this.#plan = await this.#decide(document);
    return this.#plan.do === 'write';
  }

  async operations(rows: readonly OperationRow[]): Promise<void> {
    for (const row of rows) this.digests.set(row.operationId, row.digest);
    await this.#writer?.writeOperations(rows);
  }

  async fragments(rows: readonly FragmentRow[]): Promise<void> {
    await this.#writer?.writeFragments(rows);
  }

  /** Removes what was written. Never throws: the failure that led here is the one to report, and a later import sweeps. */
  async abandon(): Promise<void> {
    try {
      await this.#writer?.abandon();
    } catch (error) {
      this.#ports.logger.warn({ error: String(error) }, 'an abandoned import could not be removed');
    }
  }

  async #decide(document: DocumentFacts): Promise<Plan> {
    if (this.#options.dryRun === true) return { do: 'check', document };
    const { store, source: tools } = this.#ports;
    const existing = await store.find(document.facts.versionId);
    const source = await packSource(tools, this.#input, document);
    if (existing?.source.sha256 === source.sha256) return { do: 'leave', document };
    if (existing !== undefined && this.#options.replace !== true) return { do: 'refuse', document, existing };
    const writer = await store.begin();
    this.#writer = writer;
    return { do: 'write', document, source, writer, ...(existing === undefined ? {} : { existing }) };
  }
}

async function finish(ports: ImportPorts, reading: Reading): Promise<ImportResult> {
  const { plan } = reading;
  const { facts } = plan.document;
  const result = { versionId: facts.versionId, report: facts.report };
  switch (plan.do) {
    case 'check':
      return { ...result, outcome: 'checked' };
    case 'leave':
      return { ...result, outcome: 'unchanged' };
    case 'refuse':
      throw versionExists(plan.existing, plan.document);
    case 'write': {
      const diff = plan.existing === undefined ? undefined : await modelDiff(ports, plan.existing, reading);
      await publish(plan);
      await announce(ports, plan, diff);
      return diff === undefined ? { ...result, outcome: 'imported' } : { ...result, outcome: 'replaced', diff };
    }
  }
}

async function publish(plan: Extract<Plan, { do: 'write' }>): Promise<void> {
  const { writer, document, source, existing } = plan;
  for (const chunk of sourceChunks(source.content)) await writer.writeSource(chunk);
  const { content: _, ...kept } = source;
  const outcome = await writer.publish(document.facts, kept, existing?.id);
  if (outcome === 'published') return;
  const { versionId } = document.facts;
  throw existing === undefined
    ? new EverbearerError('version_exists', `Another import of ${versionId} was faster.`, {
        hint: 'Look at it with "models show"; import with --replace to put this document in its place.',
        details: { versionId },
      })
    : new EverbearerError('conflict', `Somebody else replaced or removed ${versionId} meanwhile.`, {
        hint: 'Import again.',
        details: { versionId },
      });
}

function versionExists(existing: ModelRecord, { facts }: DocumentFacts): EverbearerError {
  const { versionId } = facts;
  return new EverbearerError('version_exists', `${versionId} was imported before, from other bytes.`, {
    hint: 'Import with --replace to put this document in its place, or give it another info.version.',
    details: { versionId, imported_at: new Date(existing.importedAt).toISOString(), report: facts.report },
  });
}

async function modelDiff(ports: ImportPorts, existing: ModelRecord, reading: Reading): Promise<ModelDiff> {
  const { facts } = reading.plan.document;
  return {
    operations: compareNames(await operationDigests(ports.store, existing.id), reading.digests),
    securitySchemes: compareNames(schemeTexts(existing.facts.securitySchemes), schemeTexts(facts.securitySchemes)),
    integrations: await ports.users.namesByModel(facts.versionId, NAMED_INTEGRATIONS),
  };
}

/** The model stands whatever becomes of its event, so a failure here is logged and no more. */
async function announce(
  ports: ImportPorts,
  plan: Extract<Plan, { do: 'write' }>,
  diff: ModelDiff | undefined,
): Promise<void> {
  const { versionId, report } = plan.document.facts;
  await appendModelEvent(ports, diff === undefined ? 'model_imported' : 'model_replaced', versionId, {
    operations: report.operations.total,
    refused: report.operations.refused,
    bytes: plan.source.bytes,
    ...(diff === undefined
      ? {}
      : {
          added: diff.operations.added.length,
          removed: diff.operations.removed.length,
          changed: diff.operations.changed.length,
        }),
  });
}

/** Writes an event of a model; logs where that fails. */
export async function appendModelEvent(
  ports: Pick<ImportPorts, 'events' | 'logger' | 'actor'>,
  type: EventType,
  versionId: string,
  details: EventDetails = {},
): Promise<void> {
  try {
    await ports.events.append({
      type,
      actor: ports.actor,
      reason: 'command',
      outcome: 'ok',
      details: { versionId, ...details },
    });
  } catch (error) {
    ports.logger.warn({ versionId, type, error: String(error) }, 'an event could not be written');
  }
}
