/** `run`: one task; prints its response. */
import type { Everbearer } from '../api.ts';
import { ERROR_CODES, EverbearerError, type ErrorCode } from '../errors.ts';
import { isObject } from '../kernel/json.ts';
import { essenceOf, isJsonType } from '../task/media-type.ts';
import type { TaskInput, TaskResponse } from '../task/tasks-face.ts';
import { hasFiles, withFiles } from './body-files.ts';
import type { Context } from './context.ts';
import { readValue } from './read-value.ts';
import { textFlag, type Action } from './verb.ts';

/** So many faults of the input stand in the message itself. */
const FAULTS_IN_MESSAGE = 3;

export const run: Action = async (context, [integration = '', operationId = ''], flags) => {
  const text = textFlag(flags, 'input');
  const given = text === undefined ? {} : await readValue(context, text, '--input');
  if (!isObject(given))
    throw new EverbearerError('bad_request', '--input must hold an object.', {
      hint: 'For example {"query":{"limit":10}}.',
    });
  const everbearer = await context.everbearer();
  const input = await complete(everbearer, integration, operationId, given);
  const response = await everbearer.tasks.run({
    integration,
    operationId,
    input,
    signal: context.terminal.signal,
  });
  context.print(response, () => describeResponse(context, response));
  return exitOf(response);
};

/** Of an operation that only takes JSON, `{file: …}` is data like any other. */
async function complete(
  everbearer: Everbearer,
  integration: string,
  operationId: string,
  given: TaskInput,
): Promise<TaskInput> {
  if (!hasFiles(given)) return given;
  const { model } = await everbearer.integrations.get(integration);
  const { operation } = await everbearer.models.task(model, operationId);
  const named = given['contentType'] ?? given['bodyContentType'];
  const types = typeof named === 'string' ? [named] : Object.keys(operation.requestBody?.content ?? {});
  return types.length > 0 && types.map(essenceOf).every(isJsonType) ? given : await withFiles(given);
}

function exitOf(response: TaskResponse): number {
  if (response.ok) return 0;
  const code = 'code' in response ? response.code : (response.error?.code ?? 'api_error');
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].exit : ERROR_CODES.internal.exit;
}

function describeResponse({ paint, note }: Context, response: TaskResponse): string {
  if ('code' in response) {
    const rest = (response.errors ?? [])
      .slice(FAULTS_IN_MESSAGE)
      .map(({ pointer, message }) => `  ${pointer} ${message}`);
    const hint = response.hint === undefined ? [] : [response.hint];
    note([`${paint.bad(response.code)}  ${response.error}`, ...rest, ...hint].join('\n'));
    return '';
  }
  const colour = response.ok ? paint.good : paint.bad;
  note(`${colour(`${String(response.status)} ${response.statusText}`)}  ${response.method} ${response.url}`);
  if (response.error?.hint !== undefined) note(response.error.hint);
  if (response.body === null || response.body === undefined) return '';
  return typeof response.body === 'string' ? response.body : JSON.stringify(response.body, null, 2);
}
