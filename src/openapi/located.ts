/** Values together with the place in the document where they stand. */
import type { ForeignObject } from './document-fields.ts';

export interface Located {
  readonly value: unknown;
  /** JSON Pointer. */
  readonly pointer: string;
  /** Of something upgraded from 2.0: where its one schema stands. */
  readonly schemaPointer?: string;
}

export interface LocatedObject extends Located {
  readonly value: ForeignObject;
}
