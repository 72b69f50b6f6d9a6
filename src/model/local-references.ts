/** Which fragments a schema refers to. */
import { isObject, own } from '../kernel/json.ts';

/** Keywords whose value is a map of schemas by a name of the document's choosing: a property may be called `example`. */
const MAPS_OF_SCHEMAS = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
  'dependencies',
]);

/** Keywords whose value is data of the described kind, never a schema. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const']);

/** What one schema holds. */
export interface SchemaContent {
  /** Objects and lists, the schema itself included. More than the limit: counting stopped there. */
  readonly nodes: number;
  /** Fragment pointers of local `$ref`s, in order of appearance, each once. */
  readonly pointers: readonly string[];
}

/** The fragment's pointer of a `$ref`: as written, without `#`; `undefined` for one that isn't a local pointer. */
export function fragmentPointer(reference: unknown): string | undefined {
  return typeof reference === 'string' && reference.startsWith('#/') ? reference.slice(1) : undefined;
}

/** Counts a schema's nodes and collects its local references, without following any. Stops beyond `maxNodes`. */
export function readSchema(schema: unknown, maxNodes: number): SchemaContent {
  const pointers = new Set<string>();
  const open: { readonly value: unknown; readonly isMap: boolean }[] = [{ value: schema, isMap: false }];
  let nodes = 0;
  for (let next = open.pop(); next !== undefined && nodes <= maxNodes; next = open.pop()) {
    const { value, isMap } = next;
    if (typeof value !== 'object' || value === null) continue;
    nodes += 1;
    if (!isMap) addReference(value, pointers);
    for (const [key, inner] of Object.entries(value).reverse()) {
      if (isMap) open.push({ value: inner, isMap: false });
      else if (!isData(key)) open.push({ value: inner, isMap: MAPS_OF_SCHEMAS.has(key) && isObject(inner) });
    }
  }
  return { nodes, pointers: [...pointers] };
}

function isData(key: string): boolean {
  return DATA.has(key) || key.startsWith('x-');
}

function addReference(schema: object, pointers: Set<string>): void {
  const pointer = fragmentPointer(own(schema, '$ref'));
  if (pointer !== undefined) pointers.add(pointer);
}
