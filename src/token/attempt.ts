/**
 * One attempt under the lease: present the refresh token or the primary credentials, read the answer. It writes nothing; what it gives is what the
 * manager saves or records.
 */
import type { ExchangedToken, ExchangeFailure, ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import type { ExchangePorts } from '../exchange/exchange-request.ts';
import { runExchange } from '../exchange/run-exchange.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { RefreshTokenPart, TokenRecord } from './token-record.ts';

export type Grant = 'refresh' | 'primary';

export interface AttemptResult {
  readonly grant: Grant;
  /** Fingerprint of the refresh token that was presented. */
  readonly presented?: string;
  /** Fingerprint of a refresh token that the provider refused within this attempt. */
  readonly refusesRt?: string;
  readonly outcome: ExchangeOutcome;
}

/** Whether a stored refresh token may be presented: there, not expired, not refused. */
export function isPresentable(rt: RefreshTokenPart | undefined, now: number): rt is RefreshTokenPart {
  return rt !== undefined && rt.refused === undefined && (rt.expires_at === undefined || now < rt.expires_at);
}

/** @param mayStart asked before the first byte of each request; false: nothing is sent, the failure is `aborted` */
export async function attempt(
  ports: ExchangePorts & { readonly cipher: Cipher },
  configuration: TokenConfiguration,
  record: TokenRecord,
  now: number,
  mayStart: () => boolean,
): Promise<AttemptResult> {
  const { rt } = record;
  if (!configuration.presentsRefreshToken || !isPresentable(rt, now)) {
    return { grant: 'primary', outcome: await primary(ports, configuration, record, mayStart) };
  }
  const refreshToken = ports.cipher.open(rt.sealed, [record.id, 'refresh_token']);
  const outcome = await run(ports, configuration, record, 'refresh', mayStart, refreshToken);
  if (outcome.ok || outcome.failure.class !== 'refresh_token') return { grant: 'refresh', presented: rt.fp, outcome };
  if (configuration.missing.length > 0) return { grant: 'refresh', presented: rt.fp, refusesRt: rt.fp, outcome };
  return { grant: 'primary', refusesRt: rt.fp, outcome: await primary(ports, configuration, record, mayStart) };
}

async function primary(
  ports: ExchangePorts & { readonly cipher: Cipher },
  configuration: TokenConfiguration,
  record: TokenRecord,
  mayStart: () => boolean,
): Promise<ExchangeOutcome> {
  if (configuration.missing.length > 0) return { ok: false, failure: nothingToPresent(configuration, record) };
  return await run(ports, configuration, record, 'acquire', mayStart);
}

function run(
  ports: ExchangePorts & { readonly cipher: Cipher },
  configuration: TokenConfiguration,
  record: TokenRecord,
  phase: 'acquire' | 'refresh',
  mayStart: () => boolean,
  refreshToken?: string,
): Promise<ExchangeOutcome> {
  const lastKnown = record.learned?.lifetime_ms;
  return runExchange(
    {
      exchange: configuration.exchange,
      phase,
      inputs: configuration.inputs,
      ...(configuration.clientAuth === undefined ? {} : { clientAuth: configuration.clientAuth }),
      ...(refreshToken === undefined
        ? {}
        : { token: { ...openedExtra(ports.cipher, record), refresh_token: refreshToken } }),
      ...(lastKnown === undefined ? {} : { lastKnownLifetimeMs: lastKnown }),
      destination: configuration.destination,
      limits: configuration.limits,
      mayStart,
    },
    ports,
  );
}

function openedExtra(cipher: Cipher, record: TokenRecord): { readonly extra?: Readonly<Record<string, string>> } {
  if (record.extra === undefined) return {};
  return { extra: JSON.parse(cipher.open(record.extra, [record.id, 'extra'])) as Readonly<Record<string, string>> };
}

function nothingToPresent({ integration, scheme, missing }: TokenConfiguration, { rt }: TokenRecord): ExchangeFailure {
  const lacks = `${missing.join(', ')} of authentication.${scheme} is not set`;
  return {
    class: 'refresh_token',
    error: 'needs_reauthorization',
    message:
      rt === undefined
        ? `"${integration}" holds no token for ${scheme}, and ${lacks}. Set that, or give a token: everbearer token set.`
        : `The refresh token of "${integration}" cannot be used any more, and ${lacks}. Set that, or give a new token: everbearer token set.`,
    step: 'acquire',
    origin: '',
    sent: false,
  };
}

/** Seconds for people: what `expires_in` shows. */
export function expiresInSeconds(token: ExchangedToken): number | null {
  return token.lifetime.ms === undefined ? null : Math.round(token.lifetime.ms / 1_000);
}
