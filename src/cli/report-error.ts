/** A failure as it is told: one JSON document with `--json`, else what happened, where, and what to do next. */
import { ERROR_CODES, errorDocument, EverbearerError } from '../errors.ts';
import { own } from '../kernel/json.ts';
import { harmless } from './harmless.ts';
import type { Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';

/** @returns the exit code */
export function reportError(terminal: Terminal, paint: Paint, json: boolean, error: unknown): number {
  const told = error instanceof EverbearerError ? error : bug(error);
  if (json) terminal.out(`${JSON.stringify({ error: errorDocument(told) })}\n`);
  else terminal.err(`${harmless(describeError(paint, told))}\n`);
  if (terminal.environment['EVERBEARER_DEBUG'] !== undefined && error instanceof Error)
    terminal.err(`${error.stack ?? ''}\n`);
  return ERROR_CODES[told.code].exit;
}

/** For people: what happened, where, and what to do next. */
export function describeError(paint: Paint, { code, message, hint, details, retryAfterMs }: EverbearerError): string {
  const where = ['document', 'pointer', 'line', 'column']
    .map((name) => [name, details?.[name]] as const)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .filter(([name, value]) => !message.includes(typeof value === 'number' ? `${name} ${value}` : String(value)))
    .map(([name, value]) => `${name} ${String(value)}`);
  return [
    `${paint.bad(code)}  ${message}`,
    ...furtherProblems(details),
    ...(where.length === 0 ? [] : [paint.dim(`at ${where.join(', ')}`)]),
    ...(retryAfterMs === undefined ? [] : [paint.dim(`next attempt in ${String(Math.ceil(retryAfterMs / 1_000))} s`)]),
    ...(hint === undefined ? [] : [hint]),
  ].join('\n');
}

/** Of a document with several faults the message has the first. */
function furtherProblems({ problems }: Readonly<Record<string, unknown>> = {}): readonly string[] {
  if (!Array.isArray(problems)) return [];
  return problems.slice(1).map((problem: unknown) => `  ${textOf(problem, 'pointer')} ${textOf(problem, 'message')}`);
}

function textOf(value: unknown, name: string): string {
  const text = own(value, name);
  return typeof text === 'string' ? text : '';
}

/** The message of a foreign error may hold anything; it is shown only to who asks for it. */
function bug(error: unknown): EverbearerError {
  const kind = error instanceof Error ? error.name : typeof error;
  return new EverbearerError('internal', `Everbearer failed unexpectedly (${kind}).`, {
    hint: 'Please report it, with what EVERBEARER_DEBUG=1 prints on standard error.',
    cause: error,
  });
}
