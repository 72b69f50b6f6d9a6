/** The event that one token request leaves. Pure. */
import type { ExchangeFailure, ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import type { EventDetails, NewEvent } from '../kernel/event.ts';
import type { AttemptBase, AttemptPlan, Grant } from './attempt-plan.ts';
import type { Save } from './token-transition.ts';

export interface RequestStory {
  readonly plan: AttemptPlan;
  readonly base: AttemptBase;
  readonly grant: Grant;
  readonly outcome: ExchangeOutcome;
  readonly latencyMs: number;
  readonly actor: string;
  /** Whether the answer was stored. */
  readonly saved: boolean;
  /** What was to be stored. */
  readonly written?: Save;
}

export function attemptEvent(story: RequestStory): NewEvent {
  const { plan, outcome, actor } = story;
  const common = {
    integration: plan.configuration.integration,
    scheme: plan.configuration.scheme,
    actor,
    reason: plan.reason,
    latency_ms: Math.round(story.latencyMs),
  };
  const details = commonDetails(story);
  return outcome.ok
    ? { ...common, ...success(story, outcome, details) }
    : { ...common, ...failure(story, outcome.failure, details) };
}

function commonDetails({ plan, base, grant }: RequestStory): EventDetails {
  return {
    attempt: plan.attempt,
    epoch: base.record.epoch,
    grant: grant === 'refresh' ? 'refresh_token' : plan.configuration.exchange.id,
    cfg_fp: plan.configuration.cfgFp,
    ...(grant === 'refresh' && base.record.rt !== undefined ? { presented_fp: base.record.rt.fp } : {}),
    ...(plan.rejected === undefined ? {} : { rejected_status: plan.rejected.status }),
  };
}

function success(
  { base, grant, saved, written }: RequestStory,
  outcome: ExchangeOutcome & { readonly ok: true },
  details: EventDetails,
): Pick<NewEvent, 'type' | 'outcome' | 'version' | 'details'> {
  const { lifetime } = outcome.token;
  return {
    type: grant === 'refresh' ? 'token_refreshed' : 'token_retrieved',
    outcome: 'ok',
    version: base.record.ver + 1,
    details: {
      ...details,
      ...fingerprintsOf(written),
      renewal: base.record.ver > 0,
      saved,
      origin: outcome.origin,
      status: outcome.status,
      expiry_source: lifetime.source,
      ...(lifetime.note === undefined ? {} : { expiry_note: lifetime.note }),
    },
  };
}

function fingerprintsOf(written: Save | undefined): EventDetails {
  return {
    ...(written?.at?.fp === undefined ? {} : { access_token_fp: written.at.fp }),
    ...(written?.rt === undefined ? {} : { refresh_token_fp: written.rt.fp }),
  };
}

function failure(
  { base }: RequestStory,
  { class: failureClass, error, origin, status, sent }: ExchangeFailure,
  details: EventDetails,
): Pick<NewEvent, 'type' | 'outcome' | 'code' | 'version' | 'details'> {
  const isRefusal =
    failureClass === 'credentials' || failureClass === 'refresh_token' || failureClass === 'configuration';
  return {
    type: isRefusal ? 'token_refused' : 'token_failed',
    outcome: 'failed',
    code: error,
    version: base.record.ver,
    details: {
      ...details,
      class: failureClass,
      origin,
      sent,
      ...(status === undefined ? {} : { status }),
    },
  };
}
