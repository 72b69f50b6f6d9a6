/** The store contract on SQLite. What only SQLite has stands in the `sqlite-*.test.ts` beside it. */
import { credentialStoreContract } from './contract/credential-store-contract.ts';
import { eventStoreContract } from './contract/event-store-contract.ts';
import { integrationStoreContract } from './contract/integration-store-contract.ts';
import { keyCheckStoreContract } from './contract/key-check-store-contract.ts';
import { modelStoreContract } from './contract/model-store-contract.ts';
import { tokenLifecycleContract } from './contract/token-lifecycle-contract.ts';
import { tokenStoreContract } from './contract/token-store-contract.ts';
import { openTemporarySqlite } from './support/sqlite-under-test.ts';

modelStoreContract('SQLite', openTemporarySqlite);
integrationStoreContract('SQLite', openTemporarySqlite);
tokenStoreContract('SQLite', openTemporarySqlite);
tokenLifecycleContract('SQLite', openTemporarySqlite);
credentialStoreContract('SQLite', openTemporarySqlite);
eventStoreContract('SQLite', openTemporarySqlite);
keyCheckStoreContract('SQLite', openTemporarySqlite);
