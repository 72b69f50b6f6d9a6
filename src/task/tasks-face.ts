/** What `tasks` of the public face offers. */
import type { InputFault } from './input-fault.ts';

/** product.md "Task input". */
export type TaskInput = Readonly<Record<string, unknown>>;

export interface RunRequest {
  readonly integration: string;
  readonly operationId: string;
  readonly input?: TaskInput;
  readonly signal?: AbortSignal;
}

export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  readonly hint?: string;
}

/** product.md "Response". */
export type TaskResponse =
  | {
      readonly ok: boolean;
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly statusText: string;
      readonly headers: Readonly<Record<string, string | readonly string[]>>;
      /** JSON parsed, text as string, else `{base64, contentType}`. */
      readonly body: unknown;
      /** After the call; absent when `ok`. */
      readonly error?: TaskError;
    }
  | {
      readonly ok: false;
      /** Before the call was made. */
      readonly error: string;
      readonly code: string;
      readonly retryable: boolean;
      readonly retry_after_ms?: number;
      readonly hint?: string;
      /** With `input_invalid`: where the input is wrong, at most 20. */
      readonly errors?: readonly InputFault[];
    };

export interface Tasks {
  /** Never throws for what the API said. @throws EverbearerError `not_found` (integration or operation), `store_unavailable` */
  run(request: RunRequest): Promise<TaskResponse>;
}
