/** The cipher of a product under test. */
import { join } from 'node:path';
import { openKeyring } from '../../../src/io/keyring.ts';
import type { Cipher } from '../../../src/kernel/cipher.ts';
import type { Store } from '../../../src/store.ts';
import type { Product } from '../../product/product-under-test.ts';

/** The cipher of the product's key file. */
export async function openCipher({ directory }: Product, store: Store): Promise<Cipher> {
  return await openKeyring({ path: join(directory, 'keys.json'), mayCreate: false, keyCheck: store.keys });
}
