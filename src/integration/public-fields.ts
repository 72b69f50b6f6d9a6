/** Which values of an authentication are shown in clear: an allow-list, so that what nobody thought of is masked. */
import { isObject, own, type Json } from '../kernel/json.ts';
import { mask } from '../kernel/mask.ts';
import { readyExchange } from '../exchange/ready-exchanges.ts';
import type { ExchangeInput } from '../exchange/exchange.ts';
import type { SchemeValues } from './scheme-credentials.ts';

const PUBLIC = new Set([
  'flow',
  'client_id',
  'username',
  'token_url',
  'refresh_url',
  'scope',
  'client_auth',
  'exchange',
  'ca',
  'certificate',
]);

/** Fields that say who signs in; the other ones say with what and how. */
const ACCOUNT = new Set(['flow', 'client_id', 'username', 'token_url', 'exchange']);

/** Names of this scheme's fields that may be shown: ours, and what its exchange does not call a secret. */
export function publicFields(values: SchemeValues): ReadonlySet<string> {
  return new Set([
    ...PUBLIC,
    ...exchangeInputs(values)
      .filter(({ secret }) => secret !== true)
      .map(({ name }) => name),
  ]);
}

/** Names of this scheme's fields that say who signs in. */
export function accountFields(values: SchemeValues): ReadonlySet<string> {
  const inputs = exchangeInputs(values).filter(
    ({ secret, name }) => secret !== true && name !== 'scope' && name !== 'refresh_url',
  );
  return new Set([...ACCOUNT, ...inputs.map(({ name }) => name)]);
}

function exchangeInputs(values: SchemeValues): readonly ExchangeInput[] {
  const exchange = own(values, 'exchange');
  if (typeof exchange === 'string') return readyExchange(exchange).inputs;
  const inputs = own(exchange, 'inputs');
  return Array.isArray(inputs) ? (inputs as readonly ExchangeInput[]).filter(isObject) : [];
}

/** A scheme's values with every secret masked. */
export function maskedValues(values: SchemeValues): Json {
  if (typeof values === 'string') return mask(values);
  const shown = publicFields(values);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, shown.has(name) ? value : maskedJson(value)]),
  );
}

function maskedJson(value: Json): Json {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map(maskedJson);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedJson(inner)]));
  return value;
}

/** A patch without the masks that it sends back: what equals the mask of the stored value is unchanged, hence absent. */
export function withoutMasks(patch: Json, stored: Json | undefined): Json | undefined {
  if (typeof patch === 'string')
    return typeof stored === 'string' && stored !== '' && patch === mask(stored) ? undefined : patch;
  if (!isObject(patch)) return patch;
  const kept = Object.entries(patch as Readonly<Record<string, Json>>).flatMap(([key, value]) => {
    const unmasked = withoutMasks(value, own(stored, key) as Json | undefined);
    return unmasked === undefined ? [] : [[key, unmasked] as const];
  });
  return Object.fromEntries(kept);
}
