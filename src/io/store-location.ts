/** Which store a `store` option names. */
import { EverbearerError } from '../errors.ts';

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string; readonly defaultKeyFile: string }
  | { readonly kind: 'mongodb'; readonly url: string };

/** @throws EverbearerError `bad_request` */
export function storeLocation(store: string): StoreLocation {
  if (store.startsWith('sqlite:')) {
    const path = store.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (path !== '') return { kind: 'sqlite', path, defaultKeyFile: `${path}.keys.json` };
  }
  if (/^mongodb(?:\+srv)?:\/\/./.test(store)) return { kind: 'mongodb', url: store };
  throw new EverbearerError('bad_request', 'The store is neither sqlite:<path> nor mongodb://….', {
    hint: 'For example --store sqlite:.everbearer/everbearer.db.',
  });
}
