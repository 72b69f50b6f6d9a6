/** All items of a paged list. */
import type { Page, PageOptions } from '../kernel/page.ts';

export async function everyItem<T>(list: (options: PageOptions) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
