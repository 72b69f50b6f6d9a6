/** A text as one word of a POSIX shell, for commands that a person may copy: a document's title must not become a command. */
export function shellWord(text: string): string {
  return /^[\w.:@%+=,/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
