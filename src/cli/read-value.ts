/** `--from` and `--input`: JSON as it stands, `@file`, or `-` for standard input. */
import { readFile } from 'node:fs/promises';
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import type { Terminal } from './terminal.ts';

/** @throws EverbearerError `bad_request` with line and column, never with the content: it may hold secrets */
export async function readValue(terminal: Terminal, text: string, flag: string): Promise<Json> {
  const source = await sourceText(terminal, text, flag);
  try {
    return JSON.parse(source.replace(/^\uFEFF/, '')) as Json;
  } catch (error) {
    const { line, column } = positionOf(error, source);
    throw new EverbearerError('bad_request', `${flag} is not JSON (line ${String(line)}, column ${String(column)}).`, {
      hint: `Give JSON, @file, or - for standard input.`,
      details: { line, column },
    });
  }
}

async function sourceText(terminal: Terminal, text: string, flag: string): Promise<string> {
  if (text === '-') return await readAll(terminal.readStdin());
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

function positionOf(error: unknown, source: string): { readonly line: number; readonly column: number } {
  const offset = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? source.length);
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
