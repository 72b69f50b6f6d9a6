/** What makes a further token of a scheme: scopes, resources and an audience asked for at one call, brought to one form (F50). Pure. */
import { EverbearerError } from '../errors.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Cipher } from '../kernel/cipher.ts';
import { isObject, type Json } from '../kernel/json.ts';
import type { TokenQuery } from '../token/tokens-face.ts';

/** In canonical form: two that mean the same are equal. Lists are sorted, without repetition, and never empty. */
export interface TokenVariant {
  readonly scopes?: readonly string[];
  readonly resources?: readonly string[];
  readonly audience?: string;
}

/**
 * @returns `undefined` where nothing is asked for: the integration's own token
 * @throws EverbearerError `bad_request` for a resource that RFC 8707 §2 doesn't allow
 */
export function canonicalVariant(
  asked: Pick<TokenQuery, 'scopes' | 'resources' | 'audience'>,
): TokenVariant | undefined {
  asked.resources?.forEach(checkResource);
  // A scope has no blank in it (RFC 6749 §3.3): who writes two in one text means two.
  const scopes = canonicalList(asked.scopes?.flatMap((scope) => scope.split(' ')));
  const resources = canonicalList(asked.resources);
  const { audience = '' } = asked;
  if (scopes === undefined && resources === undefined && audience === '') return undefined;
  return {
    ...(scopes === undefined ? {} : { scopes }),
    ...(resources === undefined ? {} : { resources }),
    ...(audience === '' ? {} : { audience }),
  };
}

function canonicalList(values: readonly string[] = []): readonly string[] | undefined {
  const distinct = [...new Set(values)].filter((value) => value !== '').toSorted();
  return distinct.length === 0 ? undefined : distinct;
}

/** An absolute URI without a fragment (RFC 8707 §2), sent as it is written. */
function checkResource(resource: string, index: number): void {
  if (/^[a-z][a-z\d+.-]*:[^\s#]+$/i.test(resource) && URL.canParse(resource)) return;
  throw new EverbearerError('bad_request', `/resources/${index} is not an absolute URI without a fragment.`, {
    hint: 'Write it in full, e.g. https://api.example.com/v1 (RFC 8707 §2).',
    details: { pointer: `/resources/${index}` },
  });
}

/** The record of a token: the same for two tokens that mean the same, and for no others. An integration's id and a fingerprint hold no colon. */
export function tokenRecordId(
  { fingerprint }: Pick<Cipher, 'fingerprint'>,
  integrationId: string,
  scheme: string,
  variant?: TokenVariant,
): string {
  const perCall = variant === undefined ? [] : [canonicalJson(variant)];
  return `${integrationId}:${scheme}:${fingerprint(['token-key', ...perCall])}`;
}

/**
 * The inputs with what is asked for in the places that the exchange has for it: the input `scope`; `resource` and `audience` among the further parameters
 * of its requests, else inputs of those names.
 * @throws EverbearerError `bad_request` where there is no place: the token would be another one than was asked for
 */
export function inputsOfVariant(
  exchange: Exchange,
  inputs: Readonly<Record<string, Json>>,
  variant: TokenVariant,
): Readonly<Record<string, Json>> {
  const { scopes, resources, audience } = variant;
  const parameters: Record<string, Json> = {
    ...(resources === undefined ? {} : { resource: resources }),
    ...(audience === undefined ? {} : { audience }),
  };
  if (scopes !== undefined && !declares(exchange, 'scope')) throw noPlace(exchange, 'scopes');
  return {
    ...inputs,
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
    ...(Object.keys(parameters).length === 0 ? {} : placed(exchange, inputs, parameters)),
  };
}

function placed(
  exchange: Exchange,
  inputs: Readonly<Record<string, Json>>,
  parameters: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  const names = new Set([...exchange.acquire, ...(exchange.refresh ?? [])].flatMap((step) => step.parameters ?? []));
  if (names.size > 0)
    return Object.fromEntries([...names].map((name) => [name, { ...objectAt(inputs, name), ...parameters }]));
  const missing = Object.keys(parameters).find((name) => !declares(exchange, name));
  if (missing !== undefined) throw noPlace(exchange, missing);
  return parameters;
}

function objectAt(inputs: Readonly<Record<string, Json>>, name: string): Readonly<Record<string, Json>> {
  const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  return isObject(value) ? value : {};
}

function declares({ inputs }: Exchange, name: string): boolean {
  return inputs.some((input) => input.name === name);
}

function noPlace({ id }: Exchange, what: string): EverbearerError {
  return new EverbearerError('bad_request', `The exchange "${id}" has no place for ${what}.`, {
    hint: 'Give its request "parameters", or declare an input of that name and use it.',
  });
}
