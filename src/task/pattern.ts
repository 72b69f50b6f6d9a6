/**
 * Patterns of foreign documents, run on the engine's backtracking: one that could hold the process up is not run at all, and the others on no longer
 * texts than they can take. A pattern that isn't run refuses nothing; the API still does.
 */

/** Steps that a match may take at worst, as a power of two: about a second. */
const MAX_BITS = 26;
/** A pattern that can't even take so many characters is not run. */
const SHORTEST_TEXT = 20;

/** Says that a text matches when it is too long to tell. */
class BoundedRegExp extends RegExp {
  readonly #longest: number;

  constructor(pattern: string, flags: string, longest: number) {
    super(pattern, flags);
    this.#longest = longest;
  }

  override test(text: string): boolean {
    return text.length > this.#longest || super.test(text);
  }
}

/** `undefined` for what is no pattern (ECMA-262, with Unicode or without) and for one that could take for ever. */
export function compilePattern(pattern: string): RegExp | undefined {
  const longest = longestText(pattern);
  if (longest < SHORTEST_TEXT) return undefined;
  // Written without Unicode in mind, many compile only so.
  for (const flags of ['u', '']) {
    try {
      return new BoundedRegExp(pattern, flags, longest);
    } catch {
      // The next flags, or none.
    }
  }
  return undefined;
}

/** How a part can match one text in several ways, which backtracking tries one after the other. */
interface Cost {
  /** Log2 of the ways that don't depend on the text's length: `?`, `|`, `{1,3}`. */
  readonly bits: number;
  /** How often the length is a factor: once for each `*` and `+`. */
  readonly degree: number;
}

interface Group {
  bits: number;
  degree: number;
  branches: number;
}

/** One token: an escape, a character class, a group's start or end, `|`, or any character; then its quantifier. */
const TOKEN = /(\\[^]|\[(?:\\[^]|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|[^])(\*|\+|\?|\{\d+(?:,\d*)?\})?/gu;

/** Characters up to which a match ends in time, by counting every choice as if none excluded another. */
function longestText(pattern: string): number {
  const groups: Group[] = [newGroup()];
  for (const [, token = '', quantifier = ''] of pattern.matchAll(TOKEN)) {
    if (token.startsWith('(')) {
      groups.push(newGroup());
      continue;
    }
    const closed = token === ')' && groups.length > 1 ? groups.pop() : undefined;
    const group = groups.at(-1);
    if (group === undefined) return 0;
    if (token === '|') group.branches++;
    const cost = repeated(closed === undefined ? { bits: 0, degree: 0 } : costOf(closed), quantifier);
    group.bits += cost.bits;
    group.degree += cost.degree;
  }
  const { bits, degree } = costOf(groups[0] ?? newGroup());
  // Without an anchor the match starts anew at every character.
  const factors = degree + (pattern.startsWith('^') ? 0 : 1);
  return factors === 0 && bits <= MAX_BITS ? Number.POSITIVE_INFINITY : 2 ** ((MAX_BITS - bits) / factors);
}

function newGroup(): Group {
  return { bits: 0, degree: 0, branches: 1 };
}

function costOf({ bits, degree, branches }: Group): Cost {
  return { bits: bits + Math.log2(branches), degree };
}

function repeated({ bits, degree }: Cost, quantifier: string): Cost {
  if (quantifier === '') return { bits, degree };
  const [from, to] = bounds(quantifier);
  // A choice that is repeated without an end makes exponentially many: (a+)+, (a|ab)*.
  if (to === undefined)
    return bits > 0 || degree > 0 ? { bits: Number.POSITIVE_INFINITY, degree } : { bits, degree: 1 };
  return { bits: bits * to + Math.log2(Math.max(1, to - from + 1)), degree: degree * to };
}

function bounds(quantifier: string): readonly [from: number, to: number | undefined] {
  switch (quantifier) {
    case '*':
      return [0, undefined];
    case '+':
      return [1, undefined];
    case '?':
      return [0, 1];
    default: {
      const [, from = '0', comma, to = ''] = /^\{(\d+)(,)?(\d*)\}$/.exec(quantifier) ?? [];
      if (comma === undefined) return [Number(from), Number(from)];
      return [Number(from), to === '' ? undefined : Number(to)];
    }
  }
}
