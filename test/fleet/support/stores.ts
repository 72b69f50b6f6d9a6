/** The stores that tests of several processes run on. */
import { freshMongodbUri, hasMongodb } from '../../support/mongodb.ts';

export interface StoreOfTests {
  readonly name: 'sqlite' | 'mongodb';
  /** There is no MongoDB in this run. */
  readonly skip: boolean;
  /** For `startDeployment`: a store that nobody has used. */
  readonly fresh: () => { readonly store?: string };
}

export const STORES: readonly StoreOfTests[] = [
  { name: 'sqlite', skip: false, fresh: () => ({}) },
  { name: 'mongodb', skip: !hasMongodb, fresh: () => ({ store: freshMongodbUri() }) },
];
