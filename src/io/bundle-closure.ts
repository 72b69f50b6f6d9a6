/** The files that a document leads to, read and parsed: what can be bundled, and what must be left alone because it would break the bundling. */
import { own } from '../kernel/json.ts';
import { parsePointer } from '../kernel/json-pointer.ts';
import { surveyDocument } from '../openapi/document-survey.ts';
import { parseDocument } from '../openapi/parse-document.ts';
import { resolveFileReference } from './bundle-reference.ts';

export interface FileSet {
  /** Paths relative to the root, `/` as separator. */
  readonly paths: ReadonlySet<string>;
  read(path: string): Promise<Uint8Array>;
}

export interface Closure {
  /** Parsed files by path, the document itself first. */
  readonly documents: ReadonlyMap<string, unknown>;
  /** Files that are there and cannot be used, with what is wrong with each. */
  readonly unusable: ReadonlyMap<string, string>;
}

/** Reads what the document leads to, and what those files lead to. A file outside the set is none. */
export async function readClosure(path: string, document: unknown, files: FileSet): Promise<Closure> {
  const documents = new Map<string, unknown>([[path, document]]);
  const unusable = new Map<string, string>();
  const open = [path];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const next of neighbours(from, documents.get(from))) {
      if (documents.has(next) || unusable.has(next) || !files.paths.has(next)) continue;
      const parsed = parseFile(await files.read(next));
      if (typeof parsed === 'string') unusable.set(next, parsed);
      else {
        documents.set(next, parsed.document);
        open.push(next);
      }
    }
  }
  return { documents, unusable };
}

function neighbours(from: string, document: unknown): readonly string[] {
  const survey = surveyDocument(document, { shared: true });
  if (survey.outcome !== 'acceptable') return [];
  return survey.externalReferences.flatMap((reference) => resolveFileReference(from, reference)?.path ?? []);
}

function parseFile(bytes: Uint8Array): { readonly document: unknown } | string {
  const parsed = parseDocument(bytes);
  if (parsed.outcome === 'unreadable') return parsed.finding.message;
  const survey = surveyDocument(parsed.document, { shared: true });
  return survey.outcome === 'acceptable' ? parsed : 'It is nested too deep, or too large when written out.';
}

/**
 * How a fragment leads to something in a document: `through` where it passes another `$ref` on its way, and so is only taken to.
 * @returns `undefined` where it leads nowhere
 */
export function findFragment(document: unknown, fragment: string): 'direct' | 'through' | undefined {
  if (fragment === '' || fragment === '#') return 'direct';
  const segments = parsePointer(decodeFragment(fragment.slice(1)));
  if (segments === undefined) return undefined;
  let value = document;
  for (const segment of segments) {
    const next = own(value, segment);
    if (next === undefined) return typeof own(value, '$ref') === 'string' ? 'through' : undefined;
    value = next;
  }
  return 'direct';
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
