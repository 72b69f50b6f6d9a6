/**
 * Several files to one document, by swagger-parser's bundler over exactly the files given (docs/import.md, "Several files"). Its resolvers for disk and
 * network are off, and it is only ever shown references that lead somewhere: one broken neighbour must not take the whole document with it.
 * What it could not be shown stays in the document as the external reference that it is, and is reported as such.
 */
import type SwaggerParser from '@apidevtools/swagger-parser';
import { createFinding } from '../openapi/finding.ts';
import type { Finding } from '../openapi/import-report.ts';
import { parseDocument } from '../openapi/parse-document.ts';
import { findFragment, readClosure } from './bundle-closure.ts';
import type { Closure, FileSet } from './bundle-closure.ts';
import { filePath, fileUrl, resolveFileReference } from './bundle-reference.ts';

export interface Bundle {
  readonly document: unknown;
  /** Whether anything was bundled: values may then be shared. */
  readonly bundled: boolean;
  /** Paths of the other files that were led to, sorted. */
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
}

/** Takes the place of `$ref` while the bundler works. */
const HIDDEN = '\0everbearer:$ref';

/** @param bytes of the document, parsed again where the bundler gave up half-way */
export async function bundleFiles(path: string, document: unknown, bytes: Uint8Array, files: FileSet): Promise<Bundle> {
  const closure = await readClosure(path, document, files);
  const used = [...closure.documents.keys(), ...closure.unusable.keys()].filter((file) => file !== path).sort();
  const findings = [...closure.unusable].map(([file, reason]) =>
    createFinding('file_unusable', `${file} is referred to and could not be read. ${reason}`),
  );
  if (closure.documents.size === 1) return { document, bundled: false, files: used, findings };
  try {
    return { document: await runBundler(path, closure), bundled: true, files: used, findings };
  } catch (error) {
    const failed = createFinding('files_not_bundled', `The files could not be joined: ${firstLine(error)}`);
    const again = parseDocument(bytes);
    const untouched = again.outcome === 'parsed' ? again.document : document;
    return { document: untouched, bundled: false, files: used, findings: [...findings, failed] };
  }
}

const MAX_REASON = 200;

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.replaceAll(fileUrl(''), '').slice(0, MAX_REASON);
}

async function runBundler(path: string, closure: Closure): Promise<unknown> {
  for (const [file, document] of closure.documents) hideReferences(file, document, closure, path);
  const { default: Parser } = await import('@apidevtools/swagger-parser');
  const bundled = await plainBundler(Parser).bundle(fileUrl(path), closure.documents.get(path), {
    parse: { json: false, yaml: false, text: false, binary: false, given: parsed(closure) },
    resolve: { file: false, http: false, external: true, given: known(closure) },
  });
  showHidden(bundled);
  return bundled;
}

interface Bundler {
  bundle(url: string, document: unknown, options: SwaggerParser.Options): Promise<unknown>;
}

/** swagger-parser's own base class: the same bundler without its list of OpenAPI versions, which ends before 3.2. */
function plainBundler(parser: typeof SwaggerParser): Bundler {
  return Object.getPrototypeOf(parser) as Bundler;
}

/** Answers for every URL, so that no other resolver is asked; a URL that is not of the set is an error. */
function known(closure: Closure): object {
  return {
    order: 1,
    canRead: true,
    read: ({ url }: { readonly url: string }): string => {
      const path = filePath(url);
      if (path === undefined || !closure.documents.has(path)) throw new Error('not among the files');
      return path;
    },
  };
}

function parsed(closure: Closure): object {
  return {
    order: 1,
    allowEmpty: true,
    canParse: true,
    parse: ({ data }: { readonly data: string }): unknown => closure.documents.get(data),
  };
}

/** Renames every `$ref` of a file that the bundler must not see, and writes it so that it is right once it stands in the document. */
function hideReferences(file: string, document: unknown, closure: Closure, root: string): void {
  eachObject(document, (object) => {
    const reference = object['$ref'];
    const hidden = typeof reference === 'string' ? referenceToHide(file, reference, closure, root) : undefined;
    if (hidden === undefined) return;
    object[HIDDEN] = hidden;
    delete object['$ref'];
  });
}

/** The text that a `$ref` is to have in the end; `undefined` for one that the bundler resolves. */
function referenceToHide(file: string, reference: string, closure: Closure, root: string): string | undefined {
  const target = resolveFileReference(file, reference);
  if (target === undefined) return reference;
  const found = closure.documents.has(target.path)
    ? findFragment(closure.documents.get(target.path), target.fragment)
    : undefined;
  if (found === undefined) return file === root ? reference : target.path + target.fragment;
  // From another file back to the document: the bundler takes it for a resource of its own and leaves the file name in it.
  return file !== root && target.path === root && found === 'direct' ? target.fragment || '#' : undefined;
}

function showHidden(document: unknown): void {
  eachObject(document, (object) => {
    if (!Object.hasOwn(object, HIDDEN)) return;
    object['$ref'] = object[HIDDEN];
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is a constant
    delete object[HIDDEN];
  });
}

/** Every object of a value once, however often it stands there. */
function eachObject(value: unknown, visit: (object: Record<string, unknown>) => void): void {
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (!Array.isArray(next)) visit(next as Record<string, unknown>);
    for (const inner of Object.values(next)) open.push(inner);
  }
}
