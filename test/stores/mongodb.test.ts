import { describe } from 'vitest';
import { hasMongodb } from '../support/mongodb.ts';
import { credentialStoreContract } from './contract/credential-store-contract.ts';
import { eventStoreContract } from './contract/event-store-contract.ts';
import { integrationStoreContract } from './contract/integration-store-contract.ts';
import { keyCheckStoreContract } from './contract/key-check-store-contract.ts';
import { modelStoreContract } from './contract/model-store-contract.ts';
import { tokenLifecycleContract } from './contract/token-lifecycle-contract.ts';
import { tokenStoreContract } from './contract/token-store-contract.ts';
import { openMongoUnderTest } from './support/mongodb-under-test.ts';

describe.skipIf(!hasMongodb)('MongoDB store', { timeout: 60_000 }, () => {
  tokenStoreContract('mongodb', openMongoUnderTest);
  tokenLifecycleContract('mongodb', openMongoUnderTest);
  credentialStoreContract('mongodb', openMongoUnderTest);
  modelStoreContract('mongodb', openMongoUnderTest);
  integrationStoreContract('mongodb', openMongoUnderTest);
  eventStoreContract('mongodb', openMongoUnderTest);
  keyCheckStoreContract('mongodb', openMongoUnderTest);
});
