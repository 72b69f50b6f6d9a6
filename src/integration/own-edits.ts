/** Stores as those use them who edit: what this process has edited, it doesn't use without a read any more. With the bounded check nobody else would say so at once. */
import type { TokenManager } from '../token/token-manager.ts';
import type { TokenStore } from '../token/token-store.ts';
import type { Directory } from './directory.ts';
import type { IntegrationStore } from './integration-store.ts';

/** Told after each write, also after one of unknown outcome, and before its caller hears of it. */
export function tellingTokenStore(store: TokenStore, { edited }: Pick<TokenManager, 'edited'>): TokenStore {
  return {
    ...store,
    apply: (recordId, transition) => store.apply(recordId, transition).finally(() => edited({ recordId })),
    removeAll: (integrationId) => store.removeAll(integrationId).finally(() => edited({ integrationId })),
  };
}

/** As {@link tellingTokenStore}. */
export function tellingIntegrationStore(
  store: IntegrationStore,
  { edited }: Pick<Directory, 'edited'>,
): IntegrationStore {
  return {
    ...store,
    replace: (record, ifRev) => store.replace(record, ifRev).finally(() => edited(record.name)),
    remove: (id) => store.remove(id).finally(() => edited()),
  };
}
