/** The fragments that some schemas need, loaded level by level: a task reads what it refers to and no more. */
import type { Json } from '../kernel/json.ts';
import { readSchema } from './local-references.ts';
import type { ModelStore } from './model-store.ts';

export interface ClosureLimits {
  /** Objects and lists of all fragments together. Default 2,000. */
  readonly maxNodes?: number;
  /** Levels of references. Default 20. */
  readonly maxDepth?: number;
}

export const CLOSURE_LIMITS: Required<ClosureLimits> = { maxNodes: 2_000, maxDepth: 20 };

/** Pointers asked for at once. */
const BATCH = 500;

/** A fragment whose text is longer is not parsed: it would stall the process, and has too many nodes anyway. Characters. */
const MAX_TEXT = 1024 * 1024;

/**
 * Loads the fragments that the schemas refer to, directly or through each other, each once: cycles end by themselves.
 * A reference whose pointer is not in the result is dangling, external, or beyond the limits; who validates takes it for a schema that allows anything.
 * @throws EverbearerError `store_unavailable`
 */
export async function loadClosure(
  store: Pick<ModelStore, 'readFragments'>,
  modelId: string,
  schemas: Iterable<Json>,
  limits: ClosureLimits = {},
): Promise<ReadonlyMap<string, Json>> {
  const { maxNodes, maxDepth } = { ...CLOSURE_LIMITS, ...limits };
  const fragments = new Map<string, Json>();
  const asked = new Set<string>();
  let nodes = 0;
  let level = newPointers(
    [...schemas].flatMap((schema) => readSchema(schema, maxNodes).pointers),
    asked,
  );
  for (let depth = 0; depth < maxDepth && level.length > 0 && nodes < maxNodes; depth += 1) {
    const found: string[] = [];
    for (const [pointer, value] of await readLevel(store, modelId, level.slice(0, maxNodes))) {
      const content = readSchema(value, maxNodes - nodes);
      if (nodes + content.nodes > maxNodes) continue;
      nodes += content.nodes;
      fragments.set(pointer, value);
      found.push(...content.pointers);
    }
    level = newPointers(found, asked);
  }
  return fragments;
}

function newPointers(pointers: readonly string[], asked: Set<string>): readonly string[] {
  const fresh = [...new Set(pointers)].filter((pointer) => !asked.has(pointer));
  for (const pointer of fresh) asked.add(pointer);
  return fresh;
}

async function readLevel(
  store: Pick<ModelStore, 'readFragments'>,
  modelId: string,
  pointers: readonly string[],
): Promise<readonly (readonly [string, Json])[]> {
  const texts = new Map<string, string>();
  for (let start = 0; start < pointers.length; start += BATCH) {
    for (const row of await store.readFragments(modelId, pointers.slice(start, start + BATCH))) {
      texts.set(row.pointer, row.value);
    }
  }
  // In the order of the references, whatever order the store answers in: the limits then cut at the same place every time.
  return pointers.flatMap((pointer) => {
    const text = texts.get(pointer);
    return text === undefined || text.length > MAX_TEXT ? [] : [[pointer, JSON.parse(text) as Json] as const];
  });
}
