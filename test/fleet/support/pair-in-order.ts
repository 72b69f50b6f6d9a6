export interface PairedInOrder<A, B> {
  readonly pairs: readonly (readonly [A, B])[];
  readonly leftOver: readonly A[];
  readonly rightOver: readonly B[];
}

/** As many pairs as can be made without changing the order of either side (the longest common subsequence). */
export function pairInOrder<A, B>(
  left: readonly A[],
  right: readonly B[],
  fits: (a: A, b: B) => boolean,
): PairedInOrder<A, B> {
  const most = tableOf(left, right, fits);
  const pairs: (readonly [A, B])[] = [];
  const [leftOver, rightOver]: [A[], B[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (a !== undefined && b !== undefined && fits(a, b) && at(most, i, j) === at(most, i + 1, j + 1) + 1) {
      pairs.push([a, b]);
      i += 1;
      j += 1;
    } else if (b === undefined || (a !== undefined && at(most, i + 1, j) >= at(most, i, j + 1))) {
      leftOver.push(a as A);
      i += 1;
    } else {
      rightOver.push(b);
      j += 1;
    }
  }
  return { pairs, leftOver, rightOver };
}

/** Row i, column j: how many pairs can be made of what comes from i and from j on. */
function tableOf<A, B>(
  left: readonly A[],
  right: readonly B[],
  fits: (a: A, b: B) => boolean,
): readonly (readonly number[])[] {
  const rows: number[][] = Array.from({ length: left.length + 1 }, () => Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const paired = fits(left[i] as A, right[j] as B) ? at(rows, i + 1, j + 1) + 1 : 0;
      rows[i]![j] = Math.max(paired, at(rows, i + 1, j), at(rows, i, j + 1));
    }
  }
  return rows;
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
