/** What a task answers when the API was never asked. */
import { expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { inputInvalid } from '../../src/task/input-fault.ts';
import { failedBefore } from '../../src/task/task-failure.ts';

test('input_invalid lists its faults beside the sentence', () => {
  const faults = Array.from({ length: 25 }, (_, index) => ({
    pointer: `/query/p${index}`,
    message: 'must be integer',
  }));
  const answer = failedBefore(inputInvalid(faults), 'crm');
  expect(answer).toMatchObject({ ok: false, code: 'input_invalid', retryable: false, errors: faults.slice(0, 20) });
  expect(answer.error).toBe(
    'The input does not fit the operation: /query/p0 must be integer; /query/p1 must be integer; /query/p2 must be integer; and 22 more.',
  );
});

test('details of other failures stay inside', () => {
  const error = new EverbearerError('egress_refused', 'No.', { details: { errors: ['x'] } });
  expect(failedBefore(error, 'crm')).not.toHaveProperty('errors');
});
