/** The API's answer → what the task answers (product.md "Response"). Pure. */
import { firstHeader } from '../exchange/answer.ts';
import { dateOf, retryAfterMs } from '../exchange/retry-after.ts';
import type { HttpResponse } from '../kernel/http-client.ts';
import { own } from '../kernel/json.ts';
import { readBody } from './response-body.ts';
import { maskUrl } from './secret-query.ts';
import type { TaskError, TaskResponse } from './tasks-face.ts';

/** The request as it may be told. */
export interface ShownRequest {
  readonly method: string;
  /** Without credentials; what the input gave under a secret's name is masked here. */
  readonly url: string;
  /** Further query parameters to mask. Default none. */
  readonly secretQuery?: readonly string[];
}

/** What came of the token that the request carried. */
export interface ResponseVerdict {
  /** The answer refuses the token, whatever its status: it is not ok. */
  readonly refused: boolean;
  /** What a person can do about it. */
  readonly hint?: string;
}

const NOT_REFUSED: ResponseVerdict = { refused: false };

const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429]);
/** The server will not learn the method or version meanwhile. */
const NEVER_RETRYABLE: ReadonlySet<number> = new Set([501, 505]);

/** The answer, whatever its status: `ok` is true for 200 to 299 unless it refuses the token; redirects are not followed, so they are not ok. */
export function readResponse(
  response: HttpResponse,
  shown: ShownRequest,
  verdict: ResponseVerdict = NOT_REFUSED,
): TaskResponse {
  const { status, statusText } = response;
  const ok = status >= 200 && status <= 299 && !verdict.refused;
  return {
    ok,
    method: shown.method,
    url: maskUrl(shown.url, shown.secretQuery),
    status,
    statusText,
    headers: headersOf(response),
    body: readBody(response.body, firstHeader(response.headers, 'content-type')),
    ...(ok ? {} : { error: apiError(response, verdict) }),
  };
}

/** The status is all it says: the body stands beside it and may hold anything. */
function apiError({ status, statusText, headers }: HttpResponse, { refused, hint }: ResponseVerdict): TaskError {
  const retryable = isRetryable(status);
  // A date is told by the answer's own clock; without one it says nothing.
  const waitMs = retryable ? retryAfterMs(headers, dateOf(headers) ?? Number.NaN) : undefined;
  return {
    code: 'api_error',
    message:
      refused && status < 300
        ? `The API refused the token in an answer with status ${status}.`
        : `The API answered ${status}${statusText === '' ? '' : ` ${statusText}`}.`,
    retryable,
    ...(waitMs === undefined || Number.isNaN(waitMs) ? {} : { retry_after_ms: waitMs }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function isRetryable(status: number): boolean {
  return RETRYABLE.has(status) || (status >= 500 && !NEVER_RETRYABLE.has(status));
}

/** Names are in lower case already; `set-cookie` is a list even where there is one. */
function headersOf({ headers }: HttpResponse): Readonly<Record<string, string | readonly string[]>> {
  const cookies = own(headers, 'set-cookie');
  return typeof cookies === 'string' ? { ...headers, 'set-cookie': [cookies] } : headers;
}
