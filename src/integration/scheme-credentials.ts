/** A security scheme and the values that a person gave for it → what puts credentials on a request, or what is still missing. Pure. */
import { parseExchange } from '../exchange/parse-exchange.ts';
import { readyExchange } from '../exchange/ready-exchanges.ts';
import type { ClientAuthName } from '../exchange/exchange-request.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { isObject, own, type Json } from '../kernel/json.ts';
import type { OAuthFlow, OAuth2Scheme, SecurityScheme } from '../openapi/security-scheme.ts';

/** `authentication.<scheme>`: a string for http bearer, else an object. */
export type SchemeValues = string | Readonly<Record<string, Json>>;

export interface StaticCredentials {
  readonly kind: 'static';
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
}

export interface TokenCredentials {
  readonly kind: 'token';
  readonly exchange: Exchange;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly clientAuth?: ClientAuthName;
  /** What a first token still needs. A stored refresh token may do without. */
  readonly missing: readonly string[];
  readonly presentsRefreshToken: boolean;
}

export type SchemeCredentials =
  | StaticCredentials
  | TokenCredentials
  /** Certificate and key are part of the connection. */
  | { readonly kind: 'mutual-tls' }
  | { readonly kind: 'missing'; readonly missing: readonly string[] }
  | { readonly kind: 'unsupported'; readonly reason: string };

const NO_VALUES: SchemeValues = Object.freeze({});

/** @throws EverbearerError `bad_request` for an exchange document that is none */
export function schemeCredentials(scheme: SecurityScheme, values: SchemeValues = NO_VALUES): SchemeCredentials {
  if (typeof values !== 'string' && own(values, 'exchange') !== undefined) return customExchange(values);
  switch (scheme.type) {
    case 'oauth2':
      return oauthCredentials(chooseFlow(scheme, values), values);
    case 'openIdConnect':
      return oauthCredentials(undefined, values);
    case 'apiKey':
      return apiKeyCredentials(scheme, text(values, 'value'));
    case 'http':
      return httpCredentials(scheme.scheme, values);
    case 'mutualTLS':
      return { kind: 'mutual-tls' };
    case 'unknown':
      return { kind: 'unsupported', reason: `The security scheme ${scheme.name} could not be read from the document.` };
  }
}

function text(values: SchemeValues, name: string): string | undefined {
  const value = own(values, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function applied(place: 'header' | 'query' | 'cookie', name: string, value: string): StaticCredentials {
  return {
    kind: 'static',
    headers: place === 'header' ? { [name]: value } : {},
    query: place === 'query' ? { [name]: value } : {},
    cookies: place === 'cookie' ? { [name]: value } : {},
  };
}

function apiKeyCredentials(
  scheme: { readonly in: 'query' | 'header' | 'cookie'; readonly parameter: string },
  value: string | undefined,
): SchemeCredentials {
  return value === undefined ? { kind: 'missing', missing: ['value'] } : applied(scheme.in, scheme.parameter, value);
}

function httpCredentials(scheme: string, values: SchemeValues): SchemeCredentials {
  if (scheme === 'basic') {
    const username = text(values, 'username');
    const password = text(values, 'password') ?? (own(values, 'password') === '' ? '' : undefined);
    if (username === undefined || password === undefined) {
      return {
        kind: 'missing',
        missing: [...(username === undefined ? ['username'] : []), ...(password === undefined ? ['password'] : [])],
      };
    }
    return applied('header', 'authorization', `Basic ${base64(`${username}:${password}`)}`);
  }
  if (scheme === 'bearer') {
    const token = typeof values === 'string' && values !== '' ? values : text(values, 'token');
    return token === undefined
      ? { kind: 'missing', missing: ['token'] }
      : applied('header', 'authorization', `Bearer ${token}`);
  }
  return {
    kind: 'unsupported',
    reason: `The HTTP authentication scheme "${scheme}" is not supported; basic and bearer are.`,
  };
}

/** UTF-8 (RFC 7617 §2.1), base64. */
function base64(plain: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(plain)));
}

/** Of two flows the one given, else the one whose inputs are complete, else clientCredentials; else one that can at least be refreshed. */
export function chooseFlow(scheme: OAuth2Scheme, values: SchemeValues): OAuthFlow | undefined {
  const usable = scheme.flows.filter(({ flow }) => flow === 'password' || flow === 'clientCredentials');
  const given = text(values, 'flow');
  if (given !== undefined) return scheme.flows.find(({ flow }) => flow === given);
  return (
    usable.find((flow) => missingFor(flow.flow, inputsOf(flow, values)).length === 0) ??
    usable.find(({ flow }) => flow === 'clientCredentials') ??
    usable[0] ??
    scheme.flows.find(({ token_url }) => token_url !== undefined)
  );
}

const OAUTH_INPUTS = [
  'client_id',
  'client_secret',
  'username',
  'password',
  'token_url',
  'refresh_url',
  'scope',
] as const;

function inputsOf(flow: OAuthFlow | undefined, values: SchemeValues): Readonly<Record<string, Json>> {
  const inputs: Record<string, Json> = {};
  if (flow?.token_url !== undefined) inputs['token_url'] = flow.token_url;
  if (flow?.refresh_url !== undefined) inputs['refresh_url'] = flow.refresh_url;
  for (const name of OAUTH_INPUTS) {
    const value = name === 'scope' ? scopeText(own(values, name)) : text(values, name);
    if (value !== undefined) inputs[name] = value;
  }
  const parameters = own(values, 'parameters');
  if (isObject(parameters)) inputs['parameters'] = parameters as Json;
  return inputs;
}

/** A list of scopes is joined by blanks (RFC 6749 §3.3). */
function scopeText(scope: unknown): string | undefined {
  if (Array.isArray(scope)) return scope.filter((item) => typeof item === 'string').join(' ') || undefined;
  return typeof scope === 'string' && scope !== '' ? scope : undefined;
}

function missingFor(flow: OAuthFlow['flow'], inputs: Readonly<Record<string, Json>>): readonly string[] {
  const needed = flow === 'password' ? ['token_url', 'username', 'password'] : ['token_url', 'client_id'];
  return needed.filter((name) => {
    const value = inputs[name];
    return value === undefined || (name === 'token_url' && typeof value === 'string' && value.includes('{'));
  });
}

function oauthCredentials(flow: OAuthFlow | undefined, values: SchemeValues): SchemeCredentials {
  const flowName =
    flow?.flow ?? text(values, 'flow') ?? (text(values, 'username') === undefined ? 'clientCredentials' : 'password');
  const inputs = inputsOf(flow, values);
  const common = {
    kind: 'token',
    inputs,
    ...namedClientAuth(text(values, 'client_auth') ?? flow?.client_auth),
  } as const;
  if (flowName !== 'password' && flowName !== 'clientCredentials') {
    // A person signs in elsewhere and gives the token by hand; from then on it is refreshed like any other.
    return { ...common, exchange: readyExchange('refresh_token'), missing: ['token'], presentsRefreshToken: true };
  }
  return {
    ...common,
    exchange: readyExchange(flowName === 'password' ? 'password' : 'client_credentials'),
    missing: missingFor(flowName, inputs),
    presentsRefreshToken: flowName === 'password' || inputs['refresh_url'] !== undefined,
  };
}

export const CLIENT_AUTH_NAMES: readonly ClientAuthName[] = [
  'client_secret_basic',
  'client_secret_basic_raw',
  'client_secret_post',
  'none',
];

/** The method that was named. Without one the exchange decides: Basic with a client secret, none without (RFC 6749 §2.3). */
function namedClientAuth(given: unknown): { readonly clientAuth?: ClientAuthName } {
  const named = CLIENT_AUTH_NAMES.find((name) => name === given);
  return named === undefined ? {} : { clientAuth: named };
}

function customExchange(values: Readonly<Record<string, Json>>): SchemeCredentials {
  const { exchange: given, client_auth: clientAuthName, token: _token, ...inputs } = values;
  const exchange = typeof given === 'string' ? readyExchange(given) : parseExchange(given);
  const withDefaults: Record<string, Json> = {};
  for (const { name, default: value } of exchange.inputs) if (value !== undefined) withDefaults[name] = value;
  Object.assign(withDefaults, inputs);
  return {
    kind: 'token',
    exchange,
    inputs: withDefaults,
    ...namedClientAuth(clientAuthName),
    missing: exchange.inputs
      .filter(({ name, required }) => required === true && withDefaults[name] === undefined)
      .map(({ name }) => name),
    presentsRefreshToken: exchange.refresh !== null,
  };
}
