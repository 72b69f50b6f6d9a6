/** The token requests of an attempt: what is presented is opened here, right before it is sent. */
import type { ExchangedToken, ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import type { ExchangePorts, ExchangeRequest, PresentedToken } from '../exchange/exchange-request.ts';
import { runExchange } from '../exchange/run-exchange.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Grant } from './attempt-plan.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { TokenRecord } from './token-record.ts';

export type RequestPorts = ExchangePorts & { readonly cipher: Cipher };

/**
 * @param mayStart asked before the first byte of each request; false: nothing is sent, the failure is `aborted`
 * @throws EverbearerError `key_unknown`, `configuration_missing` where what is to be presented does not open
 */
export async function sendGrant(
  ports: RequestPorts,
  configuration: TokenConfiguration,
  record: TokenRecord,
  { grant, mayStart }: { readonly grant: Grant; readonly mayStart: () => boolean },
): Promise<ExchangeOutcome> {
  const lastKnown = record.learned?.lifetime_ms;
  const request: ExchangeRequest = {
    ...common(configuration),
    phase: grant === 'refresh' ? 'refresh' : 'acquire',
    ...(grant === 'refresh' ? { token: presented(ports.cipher, record) } : {}),
    ...(lastKnown === undefined ? {} : { lastKnownLifetimeMs: lastKnown }),
    mayStart,
  };
  return await runExchange(request, ports);
}

/** How long the end of a token may take, milliseconds: the attempt is over after it, and a process may wait for that to close. */
const END_TOTAL_MS = 3_000;

/**
 * Ends a token that nobody will use. What comes of it changes nothing.
 * @param dropped absent: the one that the record shows
 */
export async function sendEnd(
  ports: RequestPorts,
  configuration: TokenConfiguration,
  record: TokenRecord,
  dropped?: ExchangedToken,
): Promise<void> {
  const request = common(configuration);
  const limits = { ...request.limits, totalMs: Math.min(request.limits.totalMs, END_TOTAL_MS) };
  try {
    const token = dropped === undefined ? inForce(ports.cipher, record) : withoutLifetime(dropped);
    await runExchange({ ...request, limits, phase: 'end', token }, ports);
  } catch {
    // Neither is a token that does not open any more worth more than this.
  }
}

function common({
  exchange,
  inputs,
  clientAuth,
  destination,
  limits,
}: TokenConfiguration): Omit<ExchangeRequest, 'phase'> {
  return { exchange, inputs, ...(clientAuth === undefined ? {} : { clientAuth }), destination, limits };
}

function withoutLifetime({ lifetime: _lifetime, ...token }: ExchangedToken): PresentedToken {
  return token;
}

function inForce(cipher: Cipher, record: TokenRecord): PresentedToken {
  const { sealed, type, scope } = record.at;
  return {
    ...presented(cipher, record),
    ...(sealed === undefined ? {} : { access_token: cipher.open(sealed, [record.id, 'access_token']) }),
    ...(typeof type === 'string' ? { token_type: type } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
  };
}

function presented(cipher: Cipher, { id, rt, extra }: TokenRecord): PresentedToken {
  return {
    ...(extra === undefined
      ? {}
      : { extra: JSON.parse(cipher.open(extra, [id, 'extra'])) as Readonly<Record<string, string>> }),
    ...(rt === undefined ? {} : { refresh_token: cipher.open(rt.sealed, [id, 'refresh_token']) }),
  };
}
