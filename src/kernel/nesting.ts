/** How deep foreign data is nested: what is parsed without recursion may still be too deep for all that walks it later. */

/**
 * Whether lists and objects are nested more than so many levels deep. Never looks deeper than that, so it neither fails on data that is endless
 * nor on data that refers to itself.
 */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((member) => isNestedDeeper(member, levels - 1));
}
