/** Obtaining, refreshing and ending a token: the interpreter of exchange documents. */
import { parseDurationMs } from '../kernel/duration.ts';
import type { HttpLimits } from '../kernel/http-client.ts';
import { own } from '../kernel/json.ts';
import { compiledExchange, type PhaseName } from './compiled-exchange.ts';
import type { ExchangedToken, ExchangeOutcome } from './exchange-outcome.ts';
import type { ExchangePorts, ExchangeRequest, PresentedToken } from './exchange-request.ts';
import { extractToken, readFrom, standardFieldsOf, type PhaseAnswers, type TokenFields } from './extract-token.ts';
import { loadJsonpath } from './foreign-formats.ts';
import { resolveLifetime } from './lifetime.ts';
import { obstacleOf } from './phase-obstacle.ts';
import { answersOf, failed, phaseStart, tokenSoFar, type PhasePlan, type PhaseProgress } from './phase-run.ts';
import { dateOf } from './retry-after.ts';
import { runPhase } from './run-phase.ts';
import { withDefaults } from './step-context.ts';

const END_CONNECT_MS = 2_000;
const END_TOTAL_MS = 3_000;

/**
 * Runs one phase of an exchange. A failure is a value with its class; only a bug is thrown. Nothing is retried and no redirect is followed.
 * Where a login of several steps fails after its first, what it has opened is ended again (the exchange's `end`).
 */
export async function runExchange(request: ExchangeRequest, ports: ExchangePorts): Promise<ExchangeOutcome> {
  const plan = await planOf(request, request.phase);
  const obstacle = obstacleOf(plan);
  if (obstacle !== undefined) return told(failed(plan, phaseStart(plan, ports.clock.now()), obstacle));
  const run = await runPhase(plan, ports);
  const outcome = run.ok ? outcomeOf(plan, run.progress) : told(run);
  if (!outcome.ok) await endWhatWasOpened(plan, run.progress, ports);
  return outcome;
}

async function planOf(request: ExchangeRequest, phase: PhaseName): Promise<PhasePlan> {
  const compiled = compiledExchange(request.exchange);
  return {
    compiled,
    phase,
    steps: compiled.phases[phase],
    request,
    inputs: withDefaults(request.inputs, request.exchange.inputs),
    ...(compiled.usesJsonpath ? { jsonpath: await loadJsonpath() } : {}),
  };
}

function told({ failure }: ReturnType<typeof failed>): ExchangeOutcome {
  return { ok: false, failure };
}

function outcomeOf(plan: PhasePlan, progress: PhaseProgress): ExchangeOutcome {
  const answers = answersOf(plan, progress);
  const { exchange, token, maxTokenBytes } = plan.request;
  const facts = { status: progress.answer?.status ?? 0, origin: progress.url?.origin ?? '' };
  if (plan.phase === 'end' || answers === undefined) return { ok: true, token: endedToken(token), ...facts };
  const extracted = extractToken(exchange, answers, maxTokenBytes === undefined ? {} : { maxTokenBytes });
  if (extracted.ok) return { ok: true, token: exchangedToken(plan, progress, answers, extracted.fields), ...facts };
  return told(failed(plan, progress, extracted.verdict));
}

function exchangedToken(
  plan: PhasePlan,
  progress: PhaseProgress,
  answers: PhaseAnswers,
  fields: TokenFields,
): ExchangedToken {
  const { exchange, token, lastKnownLifetimeMs, defaultLifetimeMs } = plan.request;
  const date = progress.answer === undefined ? undefined : dateOf(progress.answer.headers);
  const lifetime = resolveLifetime({
    ...(exchange.expiry === undefined ? {} : { rule: exchange.expiry }),
    read: (extraction) => readFrom(extraction, answers),
    holder: standardFieldsOf(exchange, answers),
    accessToken: fields.access_token,
    ...(date === undefined ? {} : { date }),
    now: progress.sentAt,
    ...(lastKnownLifetimeMs === undefined ? {} : { lastKnownMs: lastKnownLifetimeMs }),
    ...(defaultLifetimeMs === undefined ? {} : { defaultMs: defaultLifetimeMs }),
  });
  const refreshBeforeMs = parseDurationMs(exchange.expiry?.refreshBefore ?? '');
  return {
    ...fields,
    lifetime,
    ...(refreshBeforeMs === undefined ? {} : { refreshBeforeMs }),
    extra: { ...token?.extra, ...fields.extra },
  };
}

function endedToken(token: PresentedToken | undefined): ExchangedToken {
  const { access_token = '', ...rest } = token ?? {};
  return { ...rest, access_token, lifetime: { ms: 0, source: 'configured' }, extra: rest.extra ?? {} };
}

/** The failure waits for the log-out, and the token's lease for the failure: a provider that hangs must not hold them long. */
function hurried(limits: HttpLimits): HttpLimits {
  return {
    ...limits,
    connectMs: Math.min(limits.connectMs, END_CONNECT_MS),
    totalMs: Math.min(limits.totalMs, END_TOTAL_MS),
  };
}

/** A session that a half-done login has opened would stay open until the provider refuses new ones (F67). What comes of it changes nothing. */
async function endWhatWasOpened(plan: PhasePlan, progress: PhaseProgress, ports: ExchangePorts): Promise<void> {
  const { exchange, signal, limits, mayStart: _mayStart, ...request } = plan.request;
  if (plan.phase !== 'acquire' || exchange.end === null || signal?.aborted === true) return;
  const token = tokenSoFar(plan, progress);
  const end = await planOf({ ...request, exchange, phase: 'end', token, limits: hurried(limits) }, 'end');
  const needs = end.steps.flatMap((step) => [...step.paths]).filter((path) => path.startsWith('token.'));
  const given = needs.every((path) => path.split('.').slice(1).reduce<unknown>(own, token) !== undefined);
  if (needs.length > 0 && given) await runPhase(end, ports);
}
