/** Cuts a sorted query into pages. */
import { EverbearerError } from '../../../src/errors.ts';
import type { Page, PageOptions } from '../../../src/kernel/page.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** How many items a page has. */
export function pageLimit({ limit = DEFAULT_LIMIT }: PageOptions): number {
  return Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT);
}

/**
 * Runs a query for one row more than the page has: that row says whether there is a next page.
 * @param cursorOf what the next call gives as `after`, of the last item
 */
export async function listPage<Row, Item>(
  options: PageOptions,
  query: (limit: number) => Promise<readonly Row[]>,
  itemOf: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Promise<Page<Item>> {
  const limit = pageLimit(options);
  const rows = await query(limit + 1);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const items = rows.slice(0, limit).map(itemOf);
  return last === undefined ? { items } : { items, next: cursorOf(last) };
}

/** @throws always, EverbearerError `bad_request` */
export function refuseCursor(): never {
  throw new EverbearerError('bad_request', 'The page cursor is not one of this list.', {
    hint: 'Give as `after` what the previous page named as `next`.',
  });
}
