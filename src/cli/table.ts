/** Columns for people. */
import { harmlessLine } from './harmless.ts';

/** Rows as aligned columns, two blanks between; the last column runs free. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(harmlessLine));
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name  value` lines; values that are absent are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  return table(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
