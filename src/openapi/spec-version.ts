/** Which OpenAPI version a document is written in. */
import { own } from '../kernel/json.ts';
import type { SchemaDialect } from './operation.ts';

/** In the order they appeared; what a later one added is read in it and after. */
export type SpecFamily = '2.0' | '3.0' | '3.1' | '3.2';

export interface SpecVersion {
  readonly family: SpecFamily;
  /** The document's own word, e.g. `3.0.3`. */
  readonly text: string;
  readonly dialect: SchemaDialect;
}

const DIALECTS: Readonly<Record<SpecFamily, SchemaDialect>> = {
  '2.0': 'openapi-2.0',
  '3.0': 'openapi-3.0',
  '3.1': 'json-schema-2020-12',
  '3.2': 'json-schema-2020-12',
};

/**
 * By `openapi`, else `swagger`. Numbers are accepted: `swagger: 2.0` in YAML is the number 2. Whatever follows the first two parts is not looked
 * at, so `3.0.4` and `3.1.0-rc0` are read like their families.
 * @returns the word that is not supported, or `undefined` where there is none at all
 */
export function readSpecVersion(document: unknown): SpecVersion | { readonly unsupported: string } | undefined {
  const written = own(document, 'openapi') ?? own(document, 'swagger');
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const text = String(written).trim();
  const family = familyOf(text);
  return family === undefined ? { unsupported: text } : { family, text, dialect: DIALECTS[family] };
}

function familyOf(text: string): SpecFamily | undefined {
  if (text === '2' || text === '3') return `${text}.0`;
  const [family] = /^(?:2\.0|3\.[012])(?!\d)/.exec(text) ?? [];
  return family as SpecFamily | undefined;
}
