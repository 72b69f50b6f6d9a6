/** `run`: one task; prints its response. */
import { readFile } from 'node:fs/promises';
import { ERROR_CODES, EverbearerError, type ErrorCode } from '../errors.ts';
import { isObject, own } from '../kernel/json.ts';
import type { TaskResponse } from '../task/tasks-face.ts';
import type { Context } from './context.ts';
import { readValue } from './read-value.ts';
import { textFlag, type Action } from './verb.ts';

export const run: Action = async (context, [integration = '', operationId = ''], flags) => {
  const text = textFlag(flags, 'input');
  const input = text === undefined ? {} : await withFiles(await readValue(context.terminal, text, '--input'));
  if (!isObject(input))
    throw new EverbearerError('bad_request', '--input must hold an object.', {
      hint: 'For example {"query":{"limit":10}}.',
    });
  const everbearer = await context.everbearer();
  const response = await everbearer.tasks.run({
    integration,
    operationId,
    input,
    signal: context.terminal.signal,
  });
  context.print(response, () => describeResponse(context, response));
  return exitOf(response);
};

function exitOf(response: TaskResponse): number {
  if (response.ok) return 0;
  const code = 'code' in response ? response.code : (response.error?.code ?? 'api_error');
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].exit : ERROR_CODES.internal.exit;
}

/** `{file: path}` is for the command line alone: it becomes `{base64}` here. */
async function withFiles(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map(withFiles));
  if (!isObject(value)) return value;
  const path = own(value, 'file');
  const isFile =
    typeof path === 'string' &&
    Object.keys(value).every((key) => key === 'file' || key === 'contentType' || key === 'filename');
  if (isFile) return { ...value, file: undefined, base64: await base64Of(path) };
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, inner]) => [key, await withFiles(inner)] as const),
  );
  return Object.fromEntries(entries);
}

async function base64Of(path: string): Promise<string> {
  try {
    return (await readFile(path)).toString('base64');
  } catch (error) {
    throw new EverbearerError('bad_request', `The file of --input cannot be read: ${path}.`, {
      hint: 'Check the path and the rights.',
      cause: error,
    });
  }
}

function describeResponse({ paint, note }: Context, response: TaskResponse): string {
  if ('code' in response) {
    note(`${paint.bad(response.code)}  ${response.error}${response.hint === undefined ? '' : `\n${response.hint}`}`);
    return '';
  }
  const colour = response.ok ? paint.good : paint.bad;
  note(`${colour(`${String(response.status)} ${response.statusText}`)}  ${response.method} ${response.url}`);
  if (response.error?.hint !== undefined) note(response.error.hint);
  if (response.body === null || response.body === undefined) return '';
  return typeof response.body === 'string' ? response.body : JSON.stringify(response.body, null, 2);
}
