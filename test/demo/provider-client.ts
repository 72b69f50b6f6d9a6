/** A provider that ends with the test, and a client of its token endpoint that hides nothing. */
import { onTestFinished } from 'vitest';
import { startProvider } from '../../src/demo/provider.ts';
import type { Provider, ProviderOptions } from '../../src/demo/provider.ts';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';

export async function openProvider(options: Partial<ProviderOptions> = {}): Promise<Provider> {
  const provider = await startProvider({ clock: createSystemClock(), ...options });
  onTestFinished(() => provider.close());
  return provider;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Form fields of a request; the client's own credentials are added unless they are given. */
export async function requestToken(provider: Provider, form: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const response = await fetch(provider.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ ...DEFAULT_CLIENT, ...form }),
    redirect: 'manual',
  });
  return {
    status: response.status,
    headers: response.headers,
    fields: (await response.json()) as TokenAnswer['fields'],
  };
}

export const PASSWORD_GRANT = { grant_type: 'password', ...DEFAULT_USER };
export const CLIENT_GRANT = { grant_type: 'client_credentials' };

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

export async function signIn(provider: Provider): Promise<Tokens> {
  return tokensOf(await requestToken(provider, PASSWORD_GRANT));
}

export async function refresh(provider: Provider, refreshToken: string): Promise<Tokens> {
  return tokensOf(await tryRefresh(provider, refreshToken));
}

export async function tryRefresh(provider: Provider, refreshToken: string): Promise<TokenAnswer> {
  return await requestToken(provider, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

export function tokensOf({ status, fields }: TokenAnswer): Tokens {
  if (status !== 200) throw new Error(`The token endpoint said ${status} ${String(fields['error'])}.`);
  return { access: String(fields['access_token']), refresh: String(fields['refresh_token']) };
}

/** Status of the operation `GET /things` with the token. */
export async function callApi(provider: Provider, token: string): Promise<number> {
  const response = await fetch(`${provider.apiUrl}/things`, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}

export const THINGS_API: NonNullable<ProviderOptions['api']> = {
  dialect: 'openapi-3.0',
  fragments: new Map(),
  operations: [
    {
      operationId: 'listThings',
      method: 'GET',
      path: '/things',
      tags: [],
      deprecated: false,
      parameters: [],
      responses: { '200': { content: { 'application/json': { example: [{ id: 1 }] } } } },
      security: [{ demo: [] }],
      pointer: '/paths/~1things/get',
    },
  ],
};
