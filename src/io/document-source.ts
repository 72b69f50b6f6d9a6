/**
 * Where documents come from: a file, standard input, a URL, a directory or a zip. Sizes are checked before and while reading, never after.
 * `document-source-url.ts`, `-directory.ts` and `-zip.ts` do one each.
 */
import { EverbearerError } from '../errors.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import { IMPORT_LIMITS } from '../model/import-model.ts';
import { readDirectory } from './document-source-directory.ts';
import { readDocumentFile, readStream } from './document-source-file.ts';
import { FILE_SET_LIMITS } from './document-source-limits.ts';
import type { FileSetLimits } from './document-source-limits.ts';
import { readUrl } from './document-source-url.ts';
import { isZip, readZip } from './document-source-zip.ts';

export type DocumentSource =
  | {
      readonly kind: 'document';
      /** File name, `stdin`, or the URL without query. */
      readonly name: string;
      readonly bytes: Uint8Array;
      /** Absolute, for a document that was fetched. */
      readonly url?: string;
    }
  | {
      /** A directory or zip: its `.json`, `.yaml` and `.yml` files by path relative to the root. */
      readonly kind: 'files';
      readonly name: string;
      readonly files: ReadonlyMap<string, Uint8Array>;
    };

export interface DocumentSourceOptions {
  /** Of one document, bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /** What a directory or zip may hold. */
  readonly fileSet?: FileSetLimits;
  /** Read for `-`; without it `-` is refused. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Asked for URLs; without it they are refused. */
  readonly http?: HttpClient;
  /** Whether private and loopback addresses may be fetched from (product: "Where requests may go"). Default `named`. */
  readonly privateAddresses?: 'open' | 'named';
  /** Hosts or CIDRs whose private addresses may be fetched from where `privateAddresses` is `named`. Default none. */
  readonly egress?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Reads what a person names on the command line.
 * @throws EverbearerError `bad_request` where there is nothing readable, `document_refused` where it is beyond a limit; `details.reason` tells them apart
 */
export async function readDocumentSource(
  argument: string,
  options: DocumentSourceOptions = {},
): Promise<DocumentSource> {
  const maxBytes = options.maxBytes ?? IMPORT_LIMITS.maxBytes;
  const fileSet = options.fileSet ?? FILE_SET_LIMITS;
  if (argument === '-')
    return await unpacked('stdin', await readStandardInput(options.stdin, maxBytes, fileSet), fileSet);
  if (/^https?:\/\//i.test(argument)) {
    const fetched = await readUrl(argument, { ...options, maxBytes });
    const source = await unpacked(fetched.url, fetched.bytes, fileSet);
    return source.kind === 'document' ? { ...source, url: fetched.url } : source;
  }
  const file = await readDocumentFile(argument, { maxBytes, maxZipBytes: fileSet.maxBytes });
  if (file === 'directory') return { kind: 'files', name: argument, files: await readDirectory(argument, fileSet) };
  return await unpacked(argument, file, fileSet);
}

async function unpacked(name: string, bytes: Uint8Array, limits: FileSetLimits): Promise<DocumentSource> {
  return isZip(bytes)
    ? { kind: 'files', name, files: await readZip(name, bytes, limits) }
    : { kind: 'document', name, bytes };
}

async function readStandardInput(
  stdin: AsyncIterable<Uint8Array> | undefined,
  maxBytes: number,
  fileSet: FileSetLimits,
): Promise<Uint8Array> {
  if (stdin === undefined) {
    throw new EverbearerError('bad_request', 'Standard input cannot be read here.', { hint: 'Name a file or a URL.' });
  }
  return await readStream('stdin', stdin, { maxBytes, maxZipBytes: fileSet.maxBytes });
}
