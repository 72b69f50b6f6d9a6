/** A path template, cut once into what is fixed and what is written per call. */
import { EverbearerError } from '../errors.ts';
import { inputInvalid, located, Unwritable } from './input-fault.ts';
import type { ValueWriter } from './parameter-writer.ts';
import { encodePathLiteral } from './percent-encoding.ts';

export type ParameterGroup = Readonly<Record<string, unknown>>;

/** Fixed text, or text made from the `path` group. */
export type PathPiece = string | ((group: ParameterGroup) => string);

export interface PathPlan {
  readonly pieces: readonly PathPiece[];
  /** Query that the document wrote into the path: `/send?mode=fast`. Empty, or without `?`. */
  readonly query: readonly PathPiece[];
}

/** What a template is made of: every second part is a parameter's name. */
export function templateParts(path: string): readonly string[] {
  return withoutFragment(path).split(/\{([^{}]*)\}/);
}

/** The names between braces, in order, each once. */
export function templateNames(path: string): readonly string[] {
  return [...new Set(templateParts(path).filter((_part, index) => index % 2 === 1))];
}

/**
 * @param writers by parameter name; every name of the template has one
 * @throws EverbearerError `document_refused` for a template that leaves its base by itself (`/../x`)
 */
export function compilePath(path: string, writers: ReadonlyMap<string, ValueWriter>): PathPlan {
  const template = withoutFragment(path);
  const queryStart = template.indexOf('?');
  const pathname = queryStart === -1 ? template : template.slice(0, queryStart);
  refuseDotSegments(pathname);
  const segments = (pathname.startsWith('/') ? pathname : `/${pathname}`).split('/').slice(1);
  return {
    pieces: joinLiterals(segments.flatMap((segment) => ['/', compileSegment(segment, writers)])),
    query: queryStart === -1 ? [] : joinLiterals(piecesOf(template.slice(queryStart + 1), writers)),
  };
}

/** Writes the pieces of a plan. @throws EverbearerError `input_invalid` */
export function writePieces(pieces: readonly PathPiece[], group: ParameterGroup): string {
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(group);
  return text;
}

function withoutFragment(path: string): string {
  const start = path.indexOf('#');
  return start === -1 ? path : path.slice(0, start);
}

function piecesOf(template: string, writers: ReadonlyMap<string, ValueWriter>): readonly PathPiece[] {
  return templateParts(template).map((part, index) => {
    if (index % 2 === 0) return encodePathLiteral(part);
    const writer = writers.get(part);
    return writer === undefined ? encodePathLiteral(`{${part}}`) : (group) => writeRequired(writer, group[writer.name]);
  });
}

/** One segment is checked as a whole: `{a}{b}` must not become `..` either. */
function compileSegment(segment: string, writers: ReadonlyMap<string, ValueWriter>): PathPiece {
  const pieces = joinLiterals(piecesOf(segment, writers));
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
  const pointer = writers.get(templateNames(segment)[0] ?? '')?.pointer ?? '/path';
  return (group) => {
    const text = writePieces(pieces, group);
    if (text.length <= MAX_DOT_SEGMENT && isDotSegment(text)) {
      throw inputInvalid([{ pointer, message: 'must not make a path segment "." or ".."' }]);
    }
    return text;
  };
}

function writeRequired(writer: ValueWriter, value: unknown): string {
  if (value === undefined) throw inputInvalid([{ pointer: writer.pointer, message: 'is required' }]);
  return located(writer.pointer, () => {
    const text = value === '' ? undefined : writer.write(value);
    if (text === undefined || text === '') throw new Unwritable('must not be empty: it is part of the path');
    return text;
  });
}

const MAX_DOT_SEGMENT = '%2e%2e'.length;

function isDotSegment(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment);
}

function refuseDotSegments(pathname: string): void {
  if (!pathname.split(/[/\\]/).some(isDotSegment)) return;
  throw new EverbearerError('document_refused', 'The path of the operation has "." or ".." segments.', {
    hint: 'Correct the path in the document and import it again.',
  });
}

function joinLiterals(pieces: readonly PathPiece[]): readonly PathPiece[] {
  const joined: PathPiece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece;
    else if (piece !== '') joined.push(piece);
  }
  return joined;
}
