/** The grants of the product against the simulated provider, over the real client: one exchange a run, no store. */
import { onTestFinished } from 'vitest';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../../src/demo/provider-behaviour.ts';
import { startProvider } from '../../../src/demo/provider.ts';
import type { Provider, ProviderOptions } from '../../../src/demo/provider.ts';
import type { ExchangedToken, ExchangeFailure, ExchangeOutcome } from '../../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../../src/exchange/run-exchange.ts';
import { createHttpClient } from '../../../src/io/http-client.ts';
import { createSystemClock } from '../../../src/io/system-clock.ts';
import { LIMITS, LOOPBACK } from '../../exchange/support/exchange-runs.ts';

export interface TokenEndpoint {
  readonly provider: Provider;
  readonly inputs: ExchangeRequest['inputs'];
  /** A first token by client id and secret. */
  readonly asClient: (more?: Partial<ExchangeRequest>) => Promise<ExchangeOutcome>;
  /** A first token by user name and password. */
  readonly signIn: (more?: Partial<ExchangeRequest>) => Promise<ExchangeOutcome>;
  readonly refresh: (refreshToken: string, more?: Partial<ExchangeRequest>) => Promise<ExchangeOutcome>;
}

/** Ends with the test. */
export async function openTokenEndpoint(options: Partial<ProviderOptions> = {}): Promise<TokenEndpoint> {
  const clock = createSystemClock();
  const provider = await startProvider({ clock, ...options });
  const http = createHttpClient();
  onTestFinished(async () => {
    await http.close();
    await provider.close();
  });
  const inputs = { ...DEFAULT_CLIENT, ...DEFAULT_USER, token_url: provider.tokenUrl };
  const run = (id: string, more: Partial<ExchangeRequest>): Promise<ExchangeOutcome> =>
    runExchange(
      { exchange: readyExchange(id), phase: 'acquire', inputs, destination: LOOPBACK, limits: LIMITS, ...more },
      { http, clock },
    );
  return {
    provider,
    inputs,
    asClient: (more = {}) => run('client_credentials', more),
    signIn: (more = {}) => run('password', more),
    refresh: (refreshToken, more = {}) =>
      run('password', { phase: 'refresh', token: { refresh_token: refreshToken }, ...more }),
  };
}

/** @throws where the exchange failed */
export function tokenOf(outcome: ExchangeOutcome): ExchangedToken {
  if (!outcome.ok) throw new Error(`The exchange failed: ${outcome.failure.message}`);
  return outcome.token;
}

/** @throws where the exchange succeeded */
export function failureOf(outcome: ExchangeOutcome): ExchangeFailure {
  if (outcome.ok) throw new Error('The exchange succeeded, but should have failed.');
  return outcome.failure;
}

/** Everything of a failure that a person or a log sees. */
export function shownOf({ refresh_token: _kept, ...shown }: ExchangeFailure): string {
  return JSON.stringify(shown);
}
