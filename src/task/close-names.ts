/** "Did you mean …": the known names that are closest to a mistyped one. */

const MAX_NAMES = 3;
/** Beyond it nobody mistyped, and comparing costs more than it helps. */
const MAX_LENGTH = 64;
const MAX_CANDIDATES = 200;

/** At most three, closest first: within a third of its length of edits, or the same but for case and separators. */
export function closeNames(name: string, known: Iterable<string>): readonly string[] {
  if (name.length > MAX_LENGTH) return [];
  const wanted = simplified(name);
  return [...new Set(known)]
    .slice(0, MAX_CANDIDATES)
    .filter((candidate) => candidate.length <= MAX_LENGTH)
    .map((candidate) => ({ candidate, distance: editDistance(wanted, simplified(candidate)) }))
    .filter(
      ({ candidate, distance }) => distance <= Math.max(1, Math.floor(Math.min(name.length, candidate.length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, 'en'))
    .slice(0, MAX_NAMES)
    .map(({ candidate }) => candidate);
}

function simplified(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Levenshtein, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_value, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
