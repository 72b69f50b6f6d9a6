/**
 * `demo`: the main job in one command. A provider is simulated on this machine, the document is imported into a temporary store, an integration is made
 * whose server, token URLs and egress point at the simulator, and tasks run while their tokens expire and are refreshed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Everbearer } from '../api.ts';
import { demoCopy, demoScheme, type DemoScheme } from '../demo/demo-document.ts';
import { runDemoTasks, type DemoCounts, type DemoTask } from '../demo/demo-run.ts';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../demo/provider-behaviour.ts';
import { startProvider, type Provider } from '../demo/provider.ts';
import { sampleInput } from '../demo/sample-input.ts';
import { EverbearerError } from '../errors.ts';
import { createEverbearer } from '../everbearer.ts';
import { readDocumentSource } from '../io/document-source.ts';
import { createHttpClient } from '../io/http-client.ts';
import { createSystemClock } from '../io/system-clock.ts';
import { textDigest } from '../io/text-digest.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EverbearerEvent } from '../kernel/event.ts';
import type { Json } from '../kernel/json.ts';
import { IMPORT_LIMITS } from '../model/import-model.ts';
import { importParsed } from '../openapi/import-document.ts';
import type { ImportedDocument } from '../openapi/imported-model.ts';
import type { Operation } from '../openapi/operation.ts';
import { parseDocument } from '../openapi/parse-document.ts';
import bookshop from '../demo/bookshop.json' with { type: 'json' };
import type { Context } from './context.ts';
import { describeEvent } from './events.ts';
import type { Action } from './verb.ts';

const INTEGRATION = 'demo';
const TOKEN_LIFE_MS = 5_000;
/** `--once` has run long enough when a token was renewed and every operation had its turn; the whole verb never runs longer than this. */
const ONCE_AT_MOST_MS = 20_000;
const LOOK_EVERY_MS = 200;
const CONCURRENCY = 4;
const PAUSE_MS = 40;
const PAUSE_ONCE_MS = 5;

export const demo: Action = async (context, [source], flags) => {
  const once = flags['once'] === true;
  const clock = createSystemClock();
  const until = once ? clock.monotonic() + ONCE_AT_MOST_MS : Number.POSITIVE_INFINITY;
  const plan = await demoPlan(context, source);
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-demo-'));
  const provider = await startProvider(providerOptions(plan, clock));
  try {
    const store = `sqlite:${join(directory, 'demo.db')}`;
    // By name, for EVERBEARER_KEY_FILE is the user's.
    const everbearer = await createEverbearer({ store, keyFile: join(directory, 'demo.keys.json'), actor: 'demo' });
    try {
      return await play(context, { clock, provider, everbearer }, plan, until);
    } finally {
      await everbearer.close();
    }
  } finally {
    await provider.close();
    await rm(directory, { recursive: true, force: true });
  }
};

interface DemoPlan {
  readonly name: string;
  readonly scheme: DemoScheme;
  readonly imported: ImportedDocument;
  readonly operations: readonly Operation[];
  readonly fragments: ReadonlyMap<string, Json>;
  /** What goes into the store: the demo's own copy. */
  readonly bytes: Uint8Array;
}

/** @throws EverbearerError `document_refused` also for a document without operations */
async function demoPlan(context: Context, source: string | undefined): Promise<DemoPlan> {
  const { name, document } =
    source === undefined ? { name: 'Bookshop', document: bookshop as Json } : await readDocument(context, source);
  const original = imported(document);
  const scheme = demoScheme(original.facts);
  const copy = demoCopy(document, scheme);
  const outcome = imported(copy);
  if (outcome.operations.length === 0) {
    throw new EverbearerError('document_refused', 'The document has no operations, so there is nothing to run.', {
      hint: 'Give a document whose paths have operations.',
    });
  }
  return {
    name,
    scheme,
    imported: outcome,
    operations: outcome.operations.map(({ definition }) => JSON.parse(definition) as Operation),
    fragments: new Map(outcome.fragments.map(({ pointer, value }) => [pointer, JSON.parse(value) as Json])),
    bytes: new TextEncoder().encode(JSON.stringify(copy)),
  };
}

async function readDocument(
  context: Context,
  argument: string,
): Promise<{ readonly name: string; readonly document: Json }> {
  const http = createHttpClient();
  try {
    const source = await readDocumentSource(argument, {
      http,
      stdin: context.terminal.readStdin(),
      privateAddresses: 'open',
      signal: context.terminal.signal,
    });
    if (source.kind === 'files') {
      throw new EverbearerError('bad_request', 'The demo takes one document, not a directory or zip.', {
        hint: 'Name the document itself.',
      });
    }
    const parsed = parseDocument(source.bytes);
    if (parsed.outcome === 'parsed') return { name: source.name, document: parsed.document as Json };
    const { message, line, column } = parsed.finding;
    throw new EverbearerError('document_refused', message, { details: { document: source.name, line, column } });
  } finally {
    await http.close();
  }
}

function imported(document: Json): ImportedDocument {
  const outcome = importParsed(document, { limits: IMPORT_LIMITS, sha256: textDigest });
  if (outcome.outcome === 'imported') return outcome;
  const { message, pointer } = outcome.finding;
  throw new EverbearerError(outcome.code, message, pointer === undefined ? {} : { details: { pointer } });
}

function providerOptions(plan: DemoPlan, clock: Clock): Parameters<typeof startProvider>[0] {
  const { dialect } = plan.imported.facts;
  return {
    clock,
    behaviour: { lifetimeMs: TOKEN_LIFE_MS, rotation: 'rotate-revoke-family' },
    api: { operations: plan.operations, fragments: plan.fragments, dialect, tokenSchemes: [plan.scheme.name] },
  };
}

interface Stage {
  readonly clock: Clock;
  readonly provider: Provider;
  readonly everbearer: Everbearer;
}

/** @param until monotonic milliseconds; without an end, until it is stopped */
async function play(
  context: Context,
  { clock, provider, everbearer }: Stage,
  plan: DemoPlan,
  until: number,
): Promise<number> {
  const once = Number.isFinite(until);
  const { versionId } = await everbearer.models.import({ name: plan.name, bytes: plan.bytes });
  await everbearer.integrations.create({
    name: INTEGRATION,
    model: versionId,
    server: { url: provider.apiUrl },
    authentication: { [plan.scheme.name]: credentials(plan.scheme, provider) },
  });
  introduce(context, plan, provider, versionId);

  const counts: DemoCounts = {
    total: plan.operations.length,
    tasks: { ok: 0, failed: 0 },
    run: new Set(),
    skipped: new Set(),
  };
  const tasks = sampledTasks(plan, counts);
  const stop = new AbortController();
  const running = runDemoTasks(everbearer, clock, tasks, counts, {
    integration: INTEGRATION,
    concurrency: CONCURRENCY,
    pauseMs: once ? PAUSE_ONCE_MS : PAUSE_MS,
    signal: stop.signal,
    onFailure: (operationId, message) => {
      if (counts.tasks.failed <= 5) context.note(`${context.paint.bad('failed')}  ${operationId}  ${message}`);
    },
  });
  const tokens = await watch(context, { clock, everbearer }, counts, until);
  stop.abort();
  await running;
  return conclude(context, versionId, tokens, counts);
}

function credentials({ flow }: DemoScheme, provider: Provider): Json {
  return {
    flow,
    ...DEFAULT_CLIENT,
    ...(flow === 'password' ? DEFAULT_USER : {}),
    token_url: provider.tokenUrl,
    refresh_url: provider.tokenUrl,
  };
}

function introduce(context: Context, plan: DemoPlan, provider: Provider, versionId: string): void {
  const { paint } = context;
  context.note(
    `${paint.strong(versionId)}  ${String(plan.operations.length)} operations, run against a simulated provider at ${provider.origin}`,
  );
  if (plan.scheme.isAdded) {
    context.note(
      'The document has no password or client-credentials flow: the copy that the demo uses got a scheme named "demo".',
    );
  }
  const life = String(TOKEN_LIFE_MS / 1_000);
  context.note(
    paint.dim(
      `Tokens live ${life} s (${plan.scheme.flow}); refresh tokens rotate, and presenting an old one would revoke them all. Ctrl-C ends it.\n`,
    ),
  );
}

/** An input for every operation that one can be made for; the others are counted. */
function sampledTasks(
  { operations, fragments, imported: { facts } }: DemoPlan,
  counts: DemoCounts,
): readonly DemoTask[] {
  return operations.flatMap((operation) => {
    const input = sampleInput(operation, fragments, facts.dialect);
    if (input !== undefined) return [{ operationId: operation.operationId, input }];
    counts.skipped.add(operation.operationId);
    return [];
  });
}

interface TokenCounts {
  readonly retrieved: number;
  readonly refreshed: number;
}

/** Prints each token's life as the events tell it, until the time has come. */
async function watch(
  context: Context,
  { clock, everbearer }: Omit<Stage, 'provider'>,
  counts: DemoCounts,
  until: number,
): Promise<TokenCounts> {
  const { signal } = context.terminal;
  const once = Number.isFinite(until);
  let tokens: TokenCounts = { retrieved: 0, refreshed: 0 };
  let after: string | undefined;
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    const { items } = await everbearer.events.list({ order: 'oldest', ...(after === undefined ? {} : { after }) });
    after = items.at(-1)?.id ?? after;
    for (const event of items.filter(({ type }) => type.startsWith('token_'))) {
      tokens = counted(tokens, event);
      tell(context, event, counts, once);
    }
    const isDone = tokens.refreshed > 0 && counts.run.size + counts.skipped.size >= counts.total;
    if (signal.aborted || (once && (isDone || clock.monotonic() >= until))) return tokens;
  }
}

/** Every renewal after a first token counts as refreshed, whatever the grant. */
function counted({ retrieved, refreshed }: TokenCounts, { outcome, details }: EverbearerEvent): TokenCounts {
  if (outcome !== 'ok') return { retrieved, refreshed };
  return details?.['renewal'] === true
    ? { retrieved, refreshed: refreshed + 1 }
    : { retrieved: retrieved + 1, refreshed };
}

function tell(context: Context, event: EverbearerEvent, { tasks }: DemoCounts, once: boolean): void {
  const line = (): string =>
    `${describeEvent(context, event)}  ${context.paint.dim(`${String(tasks.ok)} tasks ok, ${String(tasks.failed)} failed`)}`;
  if (!context.json) context.note(line());
  else if (!once) context.print(event, line);
}

function conclude(context: Context, versionId: string, tokens: TokenCounts, counts: DemoCounts): number {
  const { tasks, run, skipped } = counts;
  const isGood = tokens.refreshed >= 1 && tasks.failed === 0;
  context.print({ versionId, tokens, tasks, operations: { run: run.size, skipped: skipped.size } }, () => {
    const mark = isGood ? context.paint.good('✔') : context.paint.bad('✘');
    return [
      '',
      `${mark} ${String(tasks.ok)} tasks ok, ${String(tasks.failed)} failed`,
      `  ${String(tokens.retrieved)} token retrieved, ${String(tokens.refreshed)} refreshed`,
      `  ${String(run.size)} operations run, ${String(skipped.size)} skipped`,
    ].join('\n');
  });
  return isGood ? 0 : 1;
}
