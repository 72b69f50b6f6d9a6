/** How a token is shown: its state computed, its secret masked. Pure but for the cipher. */
import type { TokenView } from './tokens-face.ts';
import type { Cipher } from '../kernel/cipher.ts';
import { mask } from '../kernel/mask.ts';
import { isUsable } from './token-decision.ts';
import type { RecordedFailure, TokenRecord } from './token-record.ts';
import { isBarred, isLeased } from './transitions.ts';

/** A token usable now is `valid` whatever goes on behind it; without one, the first that holds. */
export function tokenState(record: TokenRecord, now: number, cfgFp: string): TokenView['state'] {
  if (isUsable(record, now)) return 'valid';
  const failure = record.fail?.[cfgFp];
  const barred = isBarred(failure, now);
  if (barred && failure?.class !== 'transient' && failure?.class !== 'in_doubt') return 'blocked';
  if (isLeased(record, now)) return 'refreshing';
  if (barred) return 'cooling';
  return record.at.sealed === undefined ? 'empty' : 'expired';
}

export function tokenView(
  cipher: Cipher,
  subject: { readonly integration: string; readonly scheme: string; readonly cfgFp: string },
  record: TokenRecord | undefined,
  now: number,
): TokenView {
  if (record === undefined) return emptyView(subject);
  const { at } = record;
  const failure = record.fail?.[subject.cfgFp];
  return {
    integration: subject.integration,
    scheme: subject.scheme,
    state: tokenState(record, now, subject.cfgFp),
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
