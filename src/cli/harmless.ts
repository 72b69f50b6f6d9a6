/** What a document, a provider or an API wrote must not steer the terminal: control characters go, our colours stay. */

// eslint-disable-next-line no-control-regex -- these are what must not pass
const STEERING = /\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]+|\r(?!\n)/g;

/** One line: line breaks and tabs go too. */
export function harmlessLine(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(STEERING, ' ');
}

/** Several lines. */
export function harmless(text: string): string {
  return text.replaceAll(STEERING, ' ');
}
