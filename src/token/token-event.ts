/** The event that one attempt leaves. Pure. */
import type { NewEvent } from '../kernel/event.ts';
import type { AttemptResult } from './attempt.ts';
import type { AttemptBase } from './save.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { AcquireReason } from './token-record.ts';

export interface AttemptStory {
  readonly configuration: TokenConfiguration;
  readonly base: AttemptBase;
  readonly reason: AcquireReason;
  readonly result: AttemptResult;
  readonly latencyMs: number;
  readonly actor: string;
  /** Whether the answer was stored. */
  readonly saved: boolean;
}

export function attemptEvent(story: AttemptStory): NewEvent {
  const { configuration, base, result } = story;
  const common = {
    integration: configuration.integration,
    scheme: configuration.scheme,
    actor: story.actor,
    reason: story.reason,
    latency_ms: Math.round(story.latencyMs),
  };
  if (result.outcome.ok) {
    return {
      ...common,
      type: result.grant === 'refresh' ? 'token_refreshed' : 'token_retrieved',
      outcome: 'ok',
      version: base.record.ver + 1,
      details: {
        grant: result.grant === 'refresh' ? 'refresh_token' : configuration.exchange.id,
        renewal: base.record.ver > 0,
        saved: story.saved,
        origin: result.outcome.origin,
        status: result.outcome.status,
        expiry_source: result.outcome.token.lifetime.source,
        ...(result.outcome.token.lifetime.note === undefined
          ? {}
          : { expiry_note: result.outcome.token.lifetime.note }),
      },
    };
  }
  const { failure } = result.outcome;
  const isRefusal =
    failure.class === 'credentials' || failure.class === 'refresh_token' || failure.class === 'configuration';
  return {
    ...common,
    type: isRefusal ? 'token_refused' : 'token_failed',
    outcome: 'failed',
    code: failure.error,
    version: base.record.ver,
    details: {
      grant: result.grant === 'refresh' ? 'refresh_token' : configuration.exchange.id,
      class: failure.class,
      origin: failure.origin,
      ...(failure.status === undefined ? {} : { status: failure.status }),
    },
  };
}
