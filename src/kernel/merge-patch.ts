/** JSON Merge Patch, RFC 7396: absent is unchanged, `null` is removed, an object merges, everything else replaces. */
import { isObject, type Json } from './json.ts';

export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, Json>(
    isObject(target) ? Object.entries(target as Readonly<Record<string, Json>>) : [],
  );
  for (const [key, value] of Object.entries(patch as Readonly<Record<string, Json>>)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
