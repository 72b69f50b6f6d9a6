/** How a token is shown: its state computed, its secret masked. Pure but for the cipher. */
import type { TokenView } from './tokens-face.ts';
import type { Cipher } from '../kernel/cipher.ts';
import { mask } from '../kernel/mask.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { RecordedFailure, TokenRecord } from './token-record.ts';
import { findBar, isBlocking, isLeased, isPresentable, isUsable } from './token-state.ts';

/** A token usable now is `valid` whatever goes on behind it; without one, the first that holds. */
export function tokenState(record: TokenRecord, now: number, subject: ViewSubject): TokenView['state'] {
  if (isUsable(record, now)) return 'valid';
  const { cfgFp, hasPrimary, presentsRefreshToken: presents } = subject;
  const bar = findBar(record, { cfgFp, presents }, now);
  const hasNothing = !hasPrimary && !(presents && isPresentable(record.rt, now));
  if ((bar !== undefined && isBlocking(bar)) || hasNothing) return 'blocked';
  if (isLeased(record, now)) return 'refreshing';
  if (bar !== undefined) return 'cooling';
  return record.at.sealed === undefined ? 'empty' : 'expired';
}

/** Of the token's configuration. */
export type ViewSubject = Pick<
  TokenConfiguration,
  'integration' | 'scheme' | 'cfgFp' | 'hasPrimary' | 'presentsRefreshToken'
>;

export function tokenView(
  cipher: Cipher,
  subject: ViewSubject,
  record: TokenRecord | undefined,
  now: number,
): TokenView {
  if (record === undefined) return emptyView(subject);
  const { at } = record;
  const failure = record.fail?.[subject.cfgFp];
  return {
    integration: subject.integration,
    scheme: subject.scheme,
    state: tokenState(record, now, subject),
    token_type: at.type ?? null,
    access_token: at.sealed === undefined ? null : mask(cipher.open(at.sealed, [record.id, 'access_token'])),
    has_refresh_token: record.rt !== undefined,
    scope: at.scope ?? null,
    expires_in: at.expires_in ?? null,
    expires_at: isoOrNull(at.expires_at),
    created_at: isoOrNull(at.issued_at),
    obtained_by: at.obtained_by ?? null,
    version: record.ver,
    ...(failure?.next_at === undefined || failure.next_at <= now
      ? {}
      : { next_attempt_at: new Date(failure.next_at).toISOString() }),
    ...(failure === undefined ? {} : { last_error: lastError(failure) }),
  };
}

function emptyView({ integration, scheme }: { readonly integration: string; readonly scheme: string }): TokenView {
  return {
    integration,
    scheme,
    state: 'empty',
    token_type: null,
    access_token: null,
    has_refresh_token: false,
    scope: null,
    expires_in: null,
    expires_at: null,
    created_at: null,
    obtained_by: null,
    version: 0,
  };
}

function lastError(failure: RecordedFailure): NonNullable<TokenView['last_error']> {
  return {
    class: failure.class,
    error: failure.code,
    message: failure.message,
    status: failure.http ?? null,
    attempts: failure.n,
    at: new Date(failure.at).toISOString(),
  };
}

function isoOrNull(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
