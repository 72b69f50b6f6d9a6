/** Every way in which a task can end is counted once, and stands on its span. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { createMetrics } from '../../src/io/metrics.ts';
import { createTracer } from '../../src/io/tracer.ts';
import { observeTasks } from '../../src/task/observed-tasks.ts';
import type { RunRequest, TaskResponse } from '../../src/task/tasks-face.ts';
import { recordSpans, type SpanRecording } from '../support/spans.ts';

let recording: SpanRecording;
beforeEach(() => {
  recording = recordSpans();
});
afterEach(async () => {
  await recording.dispose();
});

const CALL: RunRequest = { integration: 'crm', operationId: 'listContacts' };
const ANSWER = { method: 'GET', url: 'https://api.example.com/', statusText: '', headers: {}, body: null };
const failed = (code: string): TaskResponse => ({
  ...ANSWER,
  ok: false,
  status: 404,
  error: { code, message: 'The API answered 404.', retryable: false },
});
const before = (code: string): TaskResponse => ({ ok: false, error: 'a message', code, retryable: false });
const given = (response: TaskResponse) => (): TaskResponse => response;
const thrown = (error: Error) => (): never => {
  throw error;
};

test.each<[string, () => TaskResponse, RunRequest, string, string | undefined]>([
  ['an answer', given({ ...ANSWER, ok: true, status: 200 }), CALL, 'ok', undefined],
  ['an answer that says no', given(failed('api_error')), CALL, 'api_error', 'api_error'],
  ['no token', given(before('token_blocked')), CALL, 'token_blocked', 'token_blocked'],
  ['a code that there is not', given(before('new_code')), CALL, 'internal', 'internal'],
  [
    'the store is down',
    thrown(new EverbearerError('store_unavailable', 'x')),
    CALL,
    'store_unavailable',
    'store_unavailable',
  ],
  ['a bug', thrown(new TypeError('x')), CALL, 'internal', 'TypeError'],
  [
    'the caller gave up',
    thrown(new RangeError('x')),
    { ...CALL, signal: AbortSignal.abort() },
    'aborted',
    'RangeError',
  ],
])('%s', async (_title, run, call, outcome, errorType) => {
  const metrics = createMetrics();
  const plain = async (): Promise<TaskResponse> => await Promise.resolve().then(run);
  const tasks = observeTasks({ run: plain }, { metrics, tracer: createTracer('1') });
  const response = await tasks.run(call).catch((error: unknown) => error);
  expect(response).toEqual(await plain().catch((error: unknown) => error));
  const counted = [...(await metrics.text()).matchAll(/^everbearer_tasks_total\{outcome="(\w+)"\} ([1-9]\d*)$/gm)];
  expect(counted.map(([, name, count]) => [name, count])).toEqual([[outcome, '1']]);
  expect(recording.spans()).toEqual([
    {
      name: 'everbearer.task',
      kind: 'INTERNAL',
      failed: errorType !== undefined,
      parent: undefined,
      attributes: {
        'everbearer.integration': 'crm',
        'everbearer.operation_id': 'listContacts',
        ...(errorType === undefined ? {} : { 'error.type': errorType }),
      },
    },
  ]);
});
