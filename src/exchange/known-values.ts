/** Everything an exchange works with that must not be seen in what is told of it. */
import { isObject, type Json } from '../kernel/json.ts';
import type { KnownValue } from '../kernel/redact.ts';
import { formEncodeMinimally } from './client-authentication.ts';
import type { ExchangeInput } from './exchange.ts';
import type { PresentedToken } from './exchange-request.ts';
import type { Outputs } from './step-context.ts';

/** Secret whatever a document declares. */
const SECRET_INPUTS: readonly string[] = ['client_secret', 'password'];

export interface KnownSources {
  readonly declared: readonly ExchangeInput[];
  readonly inputs: Readonly<Record<string, Json>>;
  readonly token: PresentedToken;
  readonly steps: Readonly<Record<string, Outputs>>;
}

export function knownValues({ declared, inputs, token, steps }: KnownSources): readonly KnownValue[] {
  const secrets = new Set([...SECRET_INPUTS, ...declared.filter((i) => i.secret === true).map((i) => i.name)]);
  return [
    ...Object.entries(inputs).flatMap(([name, value]) => textsOf(name, value, secrets.has(name))),
    ...basicCredentials(inputs),
    ...textsOf('access_token', token.access_token ?? null, true),
    ...textsOf('refresh_token', token.refresh_token ?? null, true),
    ...textsOf('token.extra', { ...token.extra }, false),
    ...Object.entries(steps).flatMap(([name, outputs]) => textsOf(`steps.${name}`, outputs, false)),
  ];
}

/** Every text inside a value, under its path. */
function textsOf(name: string, value: Json, secret: boolean): readonly KnownValue[] {
  if (typeof value === 'string') return [{ name, value, secret }];
  if (typeof value === 'number') return secret ? [{ name, value: String(value), secret }] : [];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => textsOf(name, item, secret));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => textsOf(`${name}.${key}`, member, secret));
}

/** What stands in the Authorization header: its base64 shows neither of the two. */
function basicCredentials({ client_id: id, client_secret: secret }: KnownSources['inputs']): readonly KnownValue[] {
  if (typeof id !== 'string' || typeof secret !== 'string') return [];
  return [`${id}:${secret}`, `${formEncodeMinimally(id)}:${formEncodeMinimally(secret)}`].map((value) => ({
    name: 'client credentials',
    value,
    secret: true,
  }));
}
