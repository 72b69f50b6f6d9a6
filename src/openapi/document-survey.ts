/**
 * One walk over a parsed document before anything is made of it: how large it would be written out, and which other files it refers to.
 * Values that YAML aliases share are visited once and counted as often as they stand there: the walk is linear in what is really there.
 */
import { MAX_DEPTH } from './parse-document.ts';

/** Values of a document written out, scalars included. The largest real one has 1.5 million. */
const MAX_NODES = 5_000_000;
/** Characters of its texts and keys, written out; also of all rows that are made of it. */
export const MAX_CHARACTERS: number = 256 * 1024 * 1024;

export interface SurveyOptions {
  /** Whether values may be shared (YAML aliases, values built by a program). False for what `JSON.parse` returned, which is a tree. */
  readonly shared: boolean;
}

export type DocumentSurvey =
  | {
      readonly outcome: 'acceptable';
      /** The `$ref`s that lead out of the document, each once, in the order met. */
      readonly externalReferences: readonly string[];
    }
  /** A document that contains itself is too deep. */
  | { readonly outcome: 'document_too_deep' | 'document_expands' };

interface Extent {
  readonly nodes: number;
  readonly characters: number;
  /** Levels of containers below; 0 for an empty one. */
  readonly height: number;
}

/** Totals so far, as if written out. */
interface Walk {
  nodes: number;
  characters: number;
  readonly measured: Map<object, Extent> | undefined;
  readonly external: Set<string>;
}

export function surveyDocument(document: unknown, options: SurveyOptions): DocumentSurvey {
  const walk: Walk = {
    nodes: 0,
    characters: 0,
    measured: options.shared ? new Map() : undefined,
    external: new Set(),
  };
  if (visit(document, 0, walk) > MAX_DEPTH) return { outcome: 'document_too_deep' };
  if (walk.nodes > MAX_NODES || walk.characters > MAX_CHARACTERS) return { outcome: 'document_expands' };
  return { outcome: 'acceptable', externalReferences: [...walk.external] };
}

/** Adds a value to the totals and returns its height. A value that contains itself is entered until it is too deep, and no more. */
function visit(value: unknown, depth: number, walk: Walk): number {
  walk.nodes += 1;
  if (typeof value === 'string') walk.characters += value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) return Infinity;
  const known = walk.measured?.get(value);
  if (known !== undefined) return repeat(known, walk);
  const { nodes, characters } = walk;
  const height = visitChildren(value, depth, walk);
  walk.measured?.set(value, { nodes: walk.nodes - nodes, characters: walk.characters - characters, height });
  return height;
}

function repeat(extent: Extent, walk: Walk): number {
  walk.nodes += extent.nodes;
  walk.characters += extent.characters;
  return extent.height;
}

function visitChildren(value: object, depth: number, walk: Walk): number {
  let height = 0;
  if (Array.isArray(value)) {
    for (const child of value as readonly unknown[]) height = Math.max(height, 1 + visit(child, depth + 1, walk));
    return height;
  }
  for (const key of Object.keys(value)) {
    const child = (value as Readonly<Record<string, unknown>>)[key];
    walk.characters += key.length;
    if (key === '$ref' && typeof child === 'string' && isExternal(child)) walk.external.add(child);
    height = Math.max(height, 1 + visit(child, depth + 1, walk));
  }
  return height;
}

/** Whether a `$ref` leads out of the document. */
export function isExternal(reference: string): boolean {
  return !reference.startsWith('#');
}
