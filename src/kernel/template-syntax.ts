/**
 * The text of a template, read once: literal text and `{{ path | filter(argument) }}`. A path is names joined by dots; an argument is a path, a number
 * or a quoted string. There is nothing else: no expression, no call, no loop.
 */
import { EverbearerError } from '../errors.ts';

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'path'; readonly path: string; readonly segments: readonly string[] };

export interface FilterCall {
  readonly name: string;
  readonly args: readonly Operand[];
}

export interface Expression {
  readonly operand: Operand;
  readonly filters: readonly FilterCall[];
}

export interface Template {
  readonly parts: readonly (string | Expression)[];
  /** Every path that occurs, arguments included. */
  readonly paths: readonly string[];
  /** Name of every filter that occurs. */
  readonly filters: readonly string[];
}

/**
 * Reads a template.
 * @throws EverbearerError `bad_request` with `details.offset`; the message never quotes the template, which may hold a secret
 */
export function compileTemplate(source: string): Template {
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (let open = source.indexOf('{{'); open !== -1; open = source.indexOf('{{', at)) {
    if (open > at) parts.push(source.slice(at, open));
    const read = readExpression(source, open + 2);
    parts.push(read.value);
    at = read.end;
  }
  if (at < source.length) parts.push(source.slice(at));
  const expressions = parts.filter((part) => typeof part !== 'string');
  return { parts, paths: pathsOf(expressions), filters: expressions.flatMap((e) => e.filters.map((f) => f.name)) };
}

interface Read<T> {
  readonly value: T;
  readonly end: number;
}

function readExpression(source: string, start: number): Read<Expression> {
  const operand = readOperand(source, start);
  const filters: FilterCall[] = [];
  let at = operand.end;
  for (let pipe = match(source, at, /\s*\|\s*/y); pipe !== undefined; pipe = match(source, at, /\s*\|\s*/y)) {
    const filter = readFilter(source, at + pipe.length);
    filters.push(filter.value);
    at = filter.end;
  }
  const close = match(source, at, /\s*\}\}/y);
  if (close === undefined) throw syntaxError('"}}" or "|" is expected', at);
  return { value: { operand: operand.value, filters }, end: at + close.length };
}

function readFilter(source: string, start: number): Read<FilterCall> {
  const name = match(source, start, /[A-Za-z_]\w*/y);
  if (name === undefined) throw syntaxError('the name of a filter is expected after "|"', start);
  const args: Operand[] = [];
  let at = start + name.length;
  if (match(source, at, /\(/y) === undefined) return { value: { name, args }, end: at };
  let separator: string | undefined;
  do {
    const arg = readOperand(source, at + (separator?.length ?? 1));
    args.push(arg.value);
    at = arg.end;
    separator = match(source, at, /\s*,/y);
  } while (separator !== undefined);
  const close = match(source, at, /\s*\)/y);
  if (close === undefined) throw syntaxError(`")" is expected after the arguments of "${name}"`, at);
  return { value: { name, args }, end: at + close.length };
}

function readOperand(source: string, start: number): Read<Operand> {
  const at = start + (match(source, start, /\s+/y)?.length ?? 0);
  const path = match(source, at, /[A-Za-z_][\w-]*(?:\.[\w-]+)*/y);
  if (path !== undefined) return { value: { kind: 'path', path, segments: path.split('.') }, end: at + path.length };
  const number = match(source, at, /-?\d+(?:\.\d+)?/y);
  if (number !== undefined) return { value: { kind: 'literal', value: Number(number) }, end: at + number.length };
  const quoted = match(source, at, /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy);
  if (quoted === undefined) throw syntaxError('a path, a number or a quoted string is expected', at);
  const value = quoted.slice(1, -1).replace(/\\(.)/gs, '$1');
  return { value: { kind: 'literal', value }, end: at + quoted.length };
}

function match(source: string, at: number, sticky: RegExp): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(source)?.[0];
}

function pathsOf(expressions: readonly Expression[]): readonly string[] {
  return expressions
    .flatMap((expression) => [expression.operand, ...expression.filters.flatMap((filter) => filter.args)])
    .flatMap((operand) => (operand.kind === 'path' ? [operand.path] : []));
}

function syntaxError(what: string, offset: number): EverbearerError {
  return new EverbearerError('bad_request', `The template cannot be read: at character ${offset + 1} ${what}.`, {
    hint: "A template is text with {{ path | filter('argument') }}; see docs/exchanges.md.",
    details: { offset },
  });
}
