/** A path template, cut once into what is fixed and what is written per call. */
import { EverbearerError } from '../errors.ts';
import { inputInvalid, located, Unwritable } from './input-fault.ts';
import type { ValueWriter } from './parameter-writer.ts';
import { templateParts, type PathTemplate } from './path-template.ts';
import { encodePathLiteral } from './percent-encoding.ts';

export type ParameterGroup = Readonly<Record<string, unknown>>;

/** Fixed text, or text made from the `path` group. */
export type PathPiece = string | ((group: ParameterGroup) => string);

export interface PathPlan {
  readonly pieces: readonly PathPiece[];
  /** What the document wrote behind the path: `?mode=fast`. */
  readonly pairs: readonly PairPlan[];
}

export interface PairPlan {
  readonly pieces: readonly PathPiece[];
  /** A query parameter whose value takes its place. */
  readonly replacedBy?: string;
}

type Writers = ReadonlyMap<string, ValueWriter>;

/**
 * @param writers by parameter name; every name of the template has one
 * @throws EverbearerError `document_refused` for a template that leaves its base by itself (`/../x`)
 */
export function compilePath({ pathname, pairs }: PathTemplate, writers: Writers): PathPlan {
  refuseDotSegments(pathname);
  const segments = (pathname.startsWith('/') ? pathname : `/${pathname}`).split('/').slice(1);
  return {
    pieces: joinLiterals(segments.flatMap((segment) => ['/', compileSegment(segment, writers)])),
    pairs: pairs.map(({ text, ...rest }) => ({ ...rest, pieces: joinLiterals(piecesOf(text, writers)) })),
  };
}

/** Writes the pieces of a plan. @throws EverbearerError `input_invalid` */
export function writePieces(pieces: readonly PathPiece[], group: ParameterGroup): string {
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(group);
  return text;
}

function piecesOf(template: string, writers: Writers): readonly PathPiece[] {
  return templateParts(template).map((part, index) => {
    if (index % 2 === 0) return encodePathLiteral(part);
    const writer = writers.get(part);
    return writer === undefined ? encodePathLiteral(`{${part}}`) : (group) => writeRequired(writer, group[writer.name]);
  });
}

/** One segment is checked as a whole: `{a}{b}` must not become `..` either. */
function compileSegment(segment: string, writers: Writers): PathPiece {
  const pieces = joinLiterals(piecesOf(segment, writers));
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
  const pointer = writers.get(templateParts(segment)[1] ?? '')?.pointer ?? '/path';
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
