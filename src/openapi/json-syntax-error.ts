/**
 * Where a JSON text breaks the grammar (RFC 8259). `JSON.parse` names the place in some of its messages only, so a text that it refuses is
 * read once more, without recursion and without building anything.
 */

/** 1-based, columns in UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** What may come next. */
type Expectation = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANKS = /[ \t\r\n]*/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/** Offset of the first character that breaks the grammar; the length of a text that ends too early; `undefined` for valid JSON. */
export function findJsonSyntaxError(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expectation = 'value';
  let at = skip(BLANKS, text, 0);
  while (at < text.length) {
    const next = readToken(text, at, expected, open);
    if (next.error !== undefined) return next.error;
    expected = next.expected;
    at = skip(BLANKS, text, next.end);
  }
  return expected === 'nothing' ? undefined : text.length;
}

/** Line and column of an offset. */
export function positionAt(text: string, offset: number): TextPosition {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', end + 1)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

type Token =
  { readonly end: number; readonly expected: Expectation; readonly error?: undefined } | { readonly error: number };

function readToken(text: string, at: number, expected: Expectation, open: ('{' | '[')[]): Token {
  switch (expected) {
    case 'colon':
      return text[at] === ':' ? { end: at + 1, expected: 'value' } : { error: at };
    case 'comma-or-end':
      return readCommaOrEnd(text, at, open);
    case 'key':
    case 'key-or-end':
      if (expected === 'key-or-end' && text[at] === '}') return close(at, open);
      return text[at] === '"' ? readString(text, at, 'colon') : { error: at };
    case 'value':
    case 'value-or-end':
      if (expected === 'value-or-end' && text[at] === ']') return close(at, open);
      return readValue(text, at, open);
    case 'nothing':
      return { error: at };
  }
}

function readValue(text: string, at: number, open: ('{' | '[')[]): Token {
  const first = text[at];
  if (first === '{' || first === '[') {
    open.push(first);
    return { end: at + 1, expected: first === '{' ? 'key-or-end' : 'value-or-end' };
  }
  const after = afterValue(open);
  if (first === '"') return readString(text, at, after);
  const end = Math.max(skip(NUMBER, text, at), skip(WORD, text, at));
  return end === at ? { error: at } : { end, expected: after };
}

function readCommaOrEnd(text: string, at: number, open: ('{' | '[')[]): Token {
  const inObject = open.at(-1) === '{';
  if (text[at] === ',') return { end: at + 1, expected: inObject ? 'key' : 'value' };
  return text[at] === (inObject ? '}' : ']') ? close(at, open) : { error: at };
}

function close(at: number, open: ('{' | '[')[]): Token {
  open.pop();
  return { end: at + 1, expected: afterValue(open) };
}

function afterValue(open: readonly string[]): Expectation {
  return open.length === 0 ? 'nothing' : 'comma-or-end';
}

function readString(text: string, start: number, expected: Expectation): Token {
  let at = start + 1;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return { end: at + 1, expected };
    if (unit < 0x20) return { error: at };
    const end = unit === 0x5c ? skip(ESCAPE, text, at + 1) : at + 1;
    if (unit === 0x5c && end === at + 1) return { error: at };
    at = end;
  }
  return { error: text.length };
}

/** The end of what the sticky pattern matches at an offset; the offset itself where it does not. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
