/** Limits of a directory or zip, and how it is refused. */
import { EverbearerError } from '../errors.ts';
import type { FindingCode } from '../openapi/finding-codes.ts';

export interface FileSetLimits {
  /** Of all files together, bytes after unpacking. */
  readonly maxBytes: number;
  /** Number of files. */
  readonly maxFiles: number;
}

export const FILE_SET_LIMITS: FileSetLimits = { maxBytes: 256 * 1024 * 1024, maxFiles: 10_000 };

/** A file that may be a document or a part of one. Hidden folders, packages and what macOS adds to zips are none. */
export function isDocumentPath(path: string): boolean {
  const segments = path.split('/');
  return /\.(?:json|ya?ml)$/i.test(path) && !segments.some(isIgnored);
}

/** A folder or file that is not looked into. */
export function isIgnored(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === '__MACOSX';
}

/** Keeps count while files are read. */
export class FileSetCounter {
  readonly #name: string;
  readonly #limits: FileSetLimits;
  #bytes = 0;
  #files = 0;

  constructor(name: string, limits: FileSetLimits) {
    this.#name = name;
    this.#limits = limits;
  }

  get bytesLeft(): number {
    return this.#limits.maxBytes - this.#bytes;
  }

  /** @throws EverbearerError `document_refused` beyond a limit */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#files += 1;
    if (this.#bytes > this.#limits.maxBytes) throw this.tooLarge();
    if (this.#files > this.#limits.maxFiles) {
      throw this.#exceeded(`more than ${this.#limits.maxFiles} JSON and YAML files`);
    }
  }

  tooLarge(): EverbearerError {
    return this.#exceeded(`more than ${this.#limits.maxBytes} bytes of JSON and YAML files`);
  }

  #exceeded(what: string): EverbearerError {
    const reason: FindingCode = 'files_exceeded';
    return new EverbearerError('document_refused', `${this.#name} holds ${what}.`, {
      hint: 'Import the folder of one API at a time, or the document alone.',
      details: { document: this.#name, reason },
    });
  }
}
