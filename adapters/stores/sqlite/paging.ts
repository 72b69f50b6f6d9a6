/** Cursors of lists. Opaque to callers: a key in base64url, or a number as text. */
import { EverbearerError } from '../../../src/errors.ts';
import { type Page, pageLimit, type PageOptions } from '../../../src/kernel/page.ts';

/**
 * One page: `select` is asked for one row more than is shown, which tells whether there is a next one.
 *
 * @param cursorOf cursor of the last row that is shown
 */
export function pageOf<Row, Item>(
  options: PageOptions | undefined,
  select: (limit: number) => readonly Row[],
  itemOf: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const limit = pageLimit(options);
  const rows = select(limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(itemOf);
  return rows.length > limit && last !== undefined ? { items, next: cursorOf(last) } : { items };
}

export function keyCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** The key after which a page begins; everything sorts after the empty one. */
export function keyAfter(options: PageOptions | undefined): string {
  return options?.after === undefined ? '' : Buffer.from(options.after, 'base64url').toString();
}

/** @throws EverbearerError `bad_request` where it is no cursor of ours */
export function numberAfter(options: PageOptions | undefined): number | undefined {
  if (options?.after === undefined) return undefined;
  const number = /^\d{1,16}$/.test(options.after) ? Number(options.after) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new EverbearerError('bad_request', 'The cursor is none that this list gave.', {
    hint: 'Leave it out to begin anew, or take `next` of the page before.',
  });
}
