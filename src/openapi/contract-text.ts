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

interface Place {
  /** Whether keys are names. */
  readonly named: boolean;
  readonly ordered: boolean;
}

const PLAIN: Place = { named: false, ordered: false };
const NAMES: Place = { named: true, ordered: false };
const ORDERED_NAMES: Place = { named: true, ordered: true };

/** Keys are sorted, so that reordering changes nothing, except where the order means something: the first media type is the default. */
export function contractText(value: unknown): string {
  return write(value, PLAIN);
}

function write(value: unknown, place: Place): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return writeList(value);
  const { named, ordered } = place;
  const keys = Object.keys(value);
  let text = '{';
  for (const key of ordered ? keys : keys.toSorted()) {
    if (!named && FOR_PEOPLE.has(key)) continue;
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (field === undefined) continue;
    const written = !named && DATA.has(key) ? JSON.stringify(field) : write(field, placeUnder(key, named));
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${written}`;
  }
  return `${text}}`;
}

function placeUnder(key: string, named: boolean): Place {
  if (named || !NAMED.has(key)) return PLAIN;
  return key === 'content' ? ORDERED_NAMES : NAMES;
}

function writeList(values: readonly unknown[]): string {
  let text = '[';
  for (const value of values) text += `${text.length === 1 ? '' : ','}${write(value, PLAIN)}`;
  return `${text}]`;
}
