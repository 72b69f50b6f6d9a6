/** How far a soak is: one line on a terminal, written over the one before it; elsewhere one a minute. */
const LINE_EVERY_MS = 60_000;
let lineAt = 0;

export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
  else if (text !== '' && performance.now() - lineAt > LINE_EVERY_MS) {
    lineAt = performance.now();
    console.error(text);
  }
}
