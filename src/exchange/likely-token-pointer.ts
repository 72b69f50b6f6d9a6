/** Where a person may find the token in an answer whose exchange looks elsewhere. For advice alone: a token is never taken from there (F23). */
import { isObject } from '../kernel/json.ts';

const NAMES: readonly string[] = ['accesstoken', 'token', 'jwt', 'bearer', 'sessionid', 'session', 'ticket', 'idtoken'];
const MOST_LEVELS = 4;

/** Names that are safe to show: the provider chose them. */
const PLAIN_NAME = /^[A-Za-z_]{1,24}$/;

/** JSON Pointer (RFC 6901) of the member nearest to the top whose name is one that tokens have; `undefined` where there is none. */
export function likelyTokenPointer(data: unknown): string | undefined {
  let level: readonly (readonly [pointer: string, value: unknown])[] = [['', data]];
  for (let depth = 0; depth < MOST_LEVELS; depth += 1) {
    level = level.flatMap(([pointer, value]) =>
      membersOf(value).map(([name, member]) => [`${pointer}/${name}`, member] as const),
    );
    const found = level.filter(([, value]) => typeof value === 'string' && value !== '').map(([pointer]) => pointer);
    const likely = NAMES.map((name) => found.find((pointer) => bareName(pointer) === name)).find(
      (pointer) => pointer !== undefined,
    );
    if (likely !== undefined) return likely;
  }
  return undefined;
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value)
    ? Object.entries(value)
        .filter(([name]) => PLAIN_NAME.test(name))
        .slice(0, 50)
    : [];
}

/** `/data/Access_Token` → `accesstoken` */
function bareName(pointer: string): string {
  return pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('_', '')
    .toLowerCase();
}
