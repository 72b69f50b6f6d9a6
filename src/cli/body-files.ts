/** `{file: path}` in a task's body: the command line alone reads files, and makes them `{base64, filename}`. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EverbearerError } from '../errors.ts';
import { isObject } from '../kernel/json.ts';

/** Where a body may stand; the second is Itential's. */
const BODIES = ['body', 'requestBodyPayload'];
const FILE_KEYS = ['file', 'contentType', 'filename'];

interface FileReference {
  readonly file: string;
  readonly contentType?: string;
  readonly filename?: string;
}

function isFile(value: unknown): value is FileReference {
  return (
    isObject(value) &&
    typeof value['file'] === 'string' &&
    Object.entries(value).every(([key, item]) => FILE_KEYS.includes(key) && typeof item === 'string')
  );
}

/** Whether a body, or a part of it, may be meant to come from a file. */
export function hasFiles(input: Readonly<Record<string, unknown>>): boolean {
  return BODIES.some((name) => partsOf(input[name]).some(isFile));
}

function partsOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  return isObject(body) ? [body, ...Object.values(body).flat()] : [];
}

/**
 * The input with the files read: the body itself, its parts, and lists of them; nothing deeper, where a `file` is data.
 * @throws EverbearerError `bad_request` for a file that cannot be read
 */
export async function withFiles(input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const bodies = BODIES.filter((name) => Object.hasOwn(input, name));
  const read = await Promise.all(bodies.map(async (name) => [name, await readBody(input[name])] as const));
  return { ...input, ...Object.fromEntries(read) };
}

async function readBody(body: unknown): Promise<unknown> {
  if (isFile(body) || !isObject(body)) return await readPart(body);
  const parts = Object.entries(body).map(async ([name, part]) => [name, await readPart(part)] as const);
  return Object.fromEntries(await Promise.all(parts));
}

async function readPart(part: unknown): Promise<unknown> {
  if (Array.isArray(part)) return await Promise.all(part.map(readPart));
  return isFile(part) ? await readReference(part) : part;
}

async function readReference({ file, ...rest }: FileReference): Promise<unknown> {
  try {
    return { base64: (await readFile(file)).toString('base64'), filename: basename(file), ...rest };
  } catch (error) {
    throw new EverbearerError('bad_request', `The file of --input cannot be read: ${file}.`, {
      hint: 'Check the path and the rights.',
      cause: error,
    });
  }
}
