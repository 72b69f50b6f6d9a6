/** `Tasks` whose runs are spans and counts. */
import { ERROR_CODES, EverbearerError, type ErrorCode } from '../errors.ts';
import type { LabelsOf, Metrics } from '../kernel/metrics.ts';
import type { OpenSpan, Tracer } from '../kernel/tracer.ts';
import type { RunRequest, TaskResponse, Tasks } from './tasks-face.ts';

type Outcome = LabelsOf<'everbearer_tasks_total'>['outcome'];

export function observeTasks(
  tasks: Tasks,
  { metrics, tracer }: { readonly metrics: Metrics; readonly tracer: Tracer },
): Tasks {
  async function observed(call: RunRequest, span: OpenSpan): Promise<TaskResponse> {
    let outcome: Outcome = 'internal';
    try {
      const response = await tasks.run(call);
      outcome = outcomeOf(response);
      if (outcome !== 'ok') span.fail(outcome);
      return response;
    } catch (error) {
      outcome = outcomeOfError(error, call);
      throw error;
    } finally {
      metrics.count('everbearer_tasks_total', { outcome });
    }
  }

  return {
    run: (call) => {
      const attributes = {
        'everbearer.integration': call.integration,
        'everbearer.operation_id': call.operationId,
      };
      return tracer.within({ name: 'everbearer.task', kind: 'internal', attributes }, (span) => observed(call, span));
    },
  };
}

function outcomeOf(response: TaskResponse): Outcome {
  if (response.ok) return 'ok';
  const code = 'code' in response ? response.code : response.error?.code;
  return code !== undefined && isErrorCode(code) ? code : 'internal';
}

function outcomeOfError(error: unknown, { signal }: RunRequest): Outcome {
  if (error instanceof EverbearerError) return error.code;
  return signal?.aborted === true ? 'aborted' : 'internal';
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
