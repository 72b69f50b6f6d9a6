/**
 * What a part of a document means to a program, as text: JSON without titles, descriptions and examples. A re-import compares its hash, so that a
 * reworded description changes nothing.
 */

/** Keys that are for people. A property or media type that is *named* like one of them stands under a key of {@link NAMED}, and stays. */
const FOR_PEOPLE: ReadonlySet<string> = new Set([
  'description',
  'summary',
  'title',
  'example',
  'examples',
  'externalDocs',
]);

/** Keys whose objects have names for keys. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
  'content',
  'encoding',
  'responses',
  'variables',
]);

/** Keys whose values are data. */
const DATA: ReadonlySet<string> = new Set(['default', 'enum', 'const']);

export function contractText(value: unknown): string {
  return write(value, false);
}

/** @param named whether the keys of `value` are names */
function write(value: unknown, named: boolean): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return writeList(value);
  let text = '{';
  for (const key of Object.keys(value)) {
    if (!named && FOR_PEOPLE.has(key)) continue;
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (field === undefined) continue;
    const written = !named && DATA.has(key) ? JSON.stringify(field) : write(field, !named && NAMED.has(key));
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${written}`;
  }
  return `${text}}`;
}

function writeList(values: readonly unknown[]): string {
  let text = '[';
  for (const value of values) text += `${text.length === 1 ? '' : ','}${write(value, false)}`;
  return `${text}]`;
}
