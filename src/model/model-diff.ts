/** What a re-import changed, by name. */
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import type { ModelStore } from './model-store.ts';
import type { NameChanges } from './import-result.ts';

const PAGE = 1000;

/** Compares two versions of named things, each by a text that changes when the thing does. */
export function compareNames(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): NameChanges {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...after].filter(([name, text]) => before.has(name) && before.get(name) !== text).map(([name]) => name),
  };
}

/** Security schemes by name, each as text. */
export function schemeTexts(schemes: readonly SecurityScheme[]): ReadonlyMap<string, string> {
  return new Map(schemes.map((scheme) => [scheme.name, JSON.stringify(scheme)]));
}

/** The digest of every operation of a stored model by its id. */
export async function operationDigests(
  store: Pick<ModelStore, 'listOperations'>,
  modelId: string,
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  let after: string | undefined;
  do {
    const page = await store.listOperations(modelId, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const row of page.items) digests.set(row.operationId, row.digest);
    after = page.next;
  } while (after !== undefined);
  return digests;
}
