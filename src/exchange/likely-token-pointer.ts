/** Where a person may find the token in an answer whose exchange looks elsewhere. For advice alone: a token is never taken from there (F23). */
import { isObject } from '../kernel/json.ts';

/** What tokens are called, without case, `_` and `-`; the likelier first. */
const TOKEN_NAMES: readonly string[] = ['accesstoken', 'token', 'jwt', 'authtoken', 'sessionid', 'session', 'ticket'];

/** What they are wrapped in. A list, and not any name: the provider chose it, and it is shown. */
const WRAPPER_NAMES: readonly string[] = [
  'data',
  'result',
  'results',
  'response',
  'body',
  'payload',
  'auth',
  'autheduser',
  'd',
];

const MOST_LEVELS = 4;

type Member = readonly [pointer: string, name: string, value: unknown];

/** JSON Pointer (RFC 6901) of the member nearest to the top that is called as tokens are; `undefined` where there is none. */
export function likelyTokenPointer(data: unknown): string | undefined {
  let level = membersOf('', data);
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth += 1) {
    const texts = level.filter(([, , value]) => typeof value === 'string' && value !== '');
    const likely = TOKEN_NAMES.flatMap((token) => texts.filter(([, name]) => name === token))[0];
    if (likely !== undefined) return likely[0];
    level = level.flatMap(([pointer, , value]) => membersOf(pointer, value));
  }
  return undefined;
}

/** Those whose names are known, under their bare names. */
function membersOf(parent: string, value: unknown): readonly Member[] {
  if (!isObject(value)) return [];
  return Object.entries(value)
    .map(([key, member]): Member => [`${parent}/${key}`, key.replaceAll(/[_-]/g, '').toLowerCase(), member])
    .filter(([, name]) => TOKEN_NAMES.includes(name) || WRAPPER_NAMES.includes(name));
}
