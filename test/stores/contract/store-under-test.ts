/**
 * What a store gives to the contract suite. The suite is one text for every store: `test/stores/<store>.test.ts` hands its `open` to each contract.
 * Contracts see ports only; the few looks behind them (a record put there as a restore would, an edit by hand) are functions of this harness.
 */
import { randomUUID } from 'node:crypto';
import type { OpenStoreOptions, Store } from '../../../src/store.ts';
import type { CredentialRecord } from '../../../src/token/credential-record.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';

/** What a person does to a token's record in the database's own shell (docs/token-lifecycle.md, "by hand"). */
export type HandEdit =
  | { readonly kind: 'set-expires-at'; readonly at: number }
  | { readonly kind: 'unset'; readonly part: 'at' | 'rt' | 'fail' }
  | { readonly kind: 'write-manual'; readonly manual: Readonly<Record<string, string>> };

/** An open, migrated, empty store. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another connection to the same database, as a second process would have. Closed by `dispose`. */
  another(options?: OpenStoreOptions): Promise<Store>;
  /** Puts a whole record where the store keeps its tokens, as a restore would. Replaces one of the same id. */
  putToken(record: TokenRecord): Promise<void>;
  /** Likewise for a credential's record. */
  putCredential(record: CredentialRecord): Promise<void>;
  editToken(id: string, edit: HandEdit): Promise<void>;
  /** Closes every connection and removes the database. */
  dispose(): Promise<void>;
}

export type OpenStore = (options?: OpenStoreOptions) => Promise<StoreUnderTest>;

/** A name that no other test uses: tests of one contract share a database. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}

/** Everything of a paged list, by following `next`. */
export async function allPages<T>(
  list: (after: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next?: string }>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await list(after);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
