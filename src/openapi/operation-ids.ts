/** Which id each operation has in its model: product contract, so the rule is fixed (docs/import.md, "Operation ids"). */

export interface NamedOperation {
  /** As written in the document. */
  readonly operationId?: string;
  readonly method: string;
  readonly path: string;
}

export interface OperationName {
  readonly operationId: string;
  /** The document's operationId where several operations share it. */
  readonly duplicateOf?: string;
  /** Whether the document gave none. */
  readonly made: boolean;
}

/** First characters of a hash that tell apart ids which would be equal; more are taken where even that does not. */
const SUFFIX_LENGTH = 8;

/**
 * The same document has the same ids again, whatever the order of its paths: an id that is taken gets a suffix made of method and path.
 * @param sha256 hex
 * @returns by position
 */
export function nameOperations(
  operations: readonly NamedOperation[],
  sha256: (text: string) => string,
): readonly OperationName[] {
  const written = countBy(operations.flatMap(({ operationId }) => operationId ?? []));
  const wanted = operations.map((operation) => wantedName(operation, written));
  const made = countBy(wanted.filter((name) => !isAsWritten(name)).map(({ operationId }) => operationId));
  // Whatever somebody wants is left to them, so that suffixes do not depend on who comes first.
  const taken = new Set([...written.keys(), ...made.keys()]);
  return operations.map((operation, position) => {
    const name = wanted[position] ?? wantedName(operation, written);
    if (isAsWritten(name)) return name;
    if (made.get(name.operationId) === 1 && !written.has(name.operationId)) return name;
    const operationId = suffixed(name.operationId, operation, taken, sha256);
    taken.add(operationId);
    return { ...name, operationId };
  });
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function isAsWritten(name: OperationName): boolean {
  return !name.made && name.duplicateOf === undefined;
}

function wantedName(
  { operationId, method, path }: NamedOperation,
  written: ReadonlyMap<string, number>,
): OperationName {
  const place = `${method.toLowerCase()}_${path}`.replaceAll(/[^A-Za-z0-9]+/g, '_');
  if (operationId === undefined) return { operationId: place, made: true };
  if (written.get(operationId) === 1) return { operationId, made: false };
  return { operationId: `${operationId}__${place}`, duplicateOf: operationId, made: false };
}

function suffixed(
  id: string,
  { method, path }: NamedOperation,
  taken: ReadonlySet<string>,
  sha256: (text: string) => string,
): string {
  const hash = sha256(`${method} ${path}`);
  for (let length = SUFFIX_LENGTH; length < hash.length; length += SUFFIX_LENGTH) {
    const candidate = `${id}_${hash.slice(0, length)}`;
    if (!taken.has(candidate)) return candidate;
  }
  return `${id}_${hash}`;
}
