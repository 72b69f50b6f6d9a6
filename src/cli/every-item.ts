/** The items of a paged list, page by page. */
import type { Page, PageOptions } from '../kernel/page.ts';

const PAGE = 1_000;

/** @param most how many items are wanted; default all */
export async function everyItem<T>(
  list: (options: PageOptions) => Promise<Page<T>>,
  most: number = Number.POSITIVE_INFINITY,
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  while (items.length < most) {
    const limit = Math.min(PAGE, most - items.length);
    const page: Page<T> = await list({ limit, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
    if (after === undefined) break;
  }
  return items;
}
