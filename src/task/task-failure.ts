/** A failure before there was an answer → the response that says so. What is no outcome of a task is thrown on. */
import { ERROR_CODES, EverbearerError, type ErrorCode } from '../errors.ts';
import { HttpFailure } from '../kernel/http-client.ts';
import { own } from '../kernel/json.ts';
import type { InputFault } from './input-fault.ts';
import type { TaskResponse } from './tasks-face.ts';

/** @throws the error where it is not the task's: the store is down, the integration was removed, a bug, the caller's own abort */
export function failedBefore(error: unknown, integration: string): TaskResponse {
  const failure = error instanceof HttpFailure ? translated(error, integration) : error;
  if (!(failure instanceof EverbearerError) || !isOutcome(failure.code)) throw failure;
  return {
    ok: false,
    error: failure.message,
    code: failure.code,
    retryable: failure.retryable,
    ...(failure.retryAfterMs === undefined ? {} : { retry_after_ms: failure.retryAfterMs }),
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(failure.code === 'input_invalid' ? faultsOf(failure) : {}),
  };
}

function faultsOf({ details }: EverbearerError): { readonly errors?: readonly InputFault[] } {
  const errors = own(details, 'errors');
  return Array.isArray(errors) ? { errors: errors as readonly InputFault[] } : {};
}

/** Codes without an HTTP status are outcomes of tasks; a key that is missing here is one as well. */
function isOutcome(code: ErrorCode): boolean {
  return ERROR_CODES[code].http === null || code === 'key_unknown' || code === 'conflict';
}

/** @throws the signal's reason where the caller gave up */
function translated(failure: HttpFailure, integration: string): EverbearerError {
  switch (failure.kind) {
    case 'egress':
      return new EverbearerError('egress_refused', failure.message, {
        hint: `Add the host to egress of "${integration}", or allow http by name, if it is meant.`,
        cause: failure,
      });
    case 'too_large':
      return new EverbearerError('api_unreachable', failure.message, {
        hint: 'maxResponseBytes sets the limit.',
        retryable: false,
        cause: failure,
      });
    case 'aborted':
      throw failure.cause instanceof Error ? failure.cause : failure;
    case 'dns':
    case 'connect':
    case 'tls':
    case 'timeout':
    case 'reset':
    case 'encoding':
    case 'protocol':
      return new EverbearerError('api_unreachable', failure.message, {
        ...(failure.kind === 'tls'
          ? {
              hint: 'The certificate is not trusted: give tls.ca of the integration, or a correct host name.',
              retryable: false,
            }
          : {}),
        cause: failure,
      });
  }
}
