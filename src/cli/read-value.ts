/** `--from` and `--input`: JSON as it stands, `@file`, or `-` for standard input. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import { findJsonSyntaxError, positionAt } from '../openapi/json-syntax-error.ts';
import type { Context } from './context.ts';

/** @throws EverbearerError `bad_request` with line and column, never with the content: it may hold secrets */
export async function readValue(context: Context, text: string, flag: string): Promise<Json> {
  const source = (await sourceText(context, text, flag)).replace(/^\uFEFF/, '');
  const fault = findJsonSyntaxError(source);
  if (fault === undefined) return JSON.parse(source) as Json;
  const { line, column } = positionAt(source, fault);
  throw new EverbearerError('bad_request', `${flag} is not JSON (line ${String(line)}, column ${String(column)}).`, {
    hint: existsSync(text) ? `Did you mean ${flag} @${text}?` : 'Give JSON, @file, or - for standard input.',
    details: { line, column },
  });
}

async function sourceText({ terminal, note }: Context, text: string, flag: string): Promise<string> {
  if (text === '-') {
    if (terminal.isInteractive) note('Reading JSON from standard input; end it with Ctrl-D.');
    return await readAll(terminal.readStdin());
  }
  if (!text.startsWith('@')) return text;
  try {
    return await readFile(text.slice(1), 'utf8');
  } catch (error) {
    throw new EverbearerError('bad_request', `The file of ${flag} cannot be read: ${text.slice(1)}.`, {
      hint: 'Check the path and the rights.',
      cause: error,
    });
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
