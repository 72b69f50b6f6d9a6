/** Columns for people. */

/** What a document wrote must not steer the terminal, nor break a row: control characters go, colours stay. */
function harmless(cell: string): string {
  // eslint-disable-next-line no-control-regex -- these are what must not pass
  return cell.replaceAll(/\u001b(?!\[[\d;]*m)|[\u0000-\u001a\u001c-\u001f\u007f-\u009f]+/g, ' ');
}

/** Rows as aligned columns, two blanks between; the last column runs free. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(harmless));
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
