/**
 * The port for spans. What a span may say is an allow-list of names, of which none is for headers, bodies, queries or tokens; nor for a URL or its path,
 * since some APIs take keys there. Names are OpenTelemetry's semantic conventions where there is one.
 */
import { EverbearerError } from '../errors.ts';
import { HttpFailure } from './http-client.ts';

/** Every attribute of our spans. */
export const SPAN_ATTRIBUTES = {
  'error.type': 'code of the error, kind of failure, or a status from 400 on; absent where all went well',
  'everbearer.integration': 'name of the integration',
  'everbearer.operation_id': 'operation that the task runs',
  'everbearer.scheme': 'security scheme whose token it is',
  'everbearer.grant': '`refresh_token`, or the exchange',
  'everbearer.reason': 'why a token was asked for: `empty`, `expired`, `soft`, `hard`, `rejected`, `person`',
  'everbearer.failure_class': 'class of a failed token request',
  'http.request.method': 'the method; `_OTHER` where it is none that HTTP knows',
  'http.request.resend_count': 'how often the request was sent before; absent the first time',
  'http.response.status_code': 'status of the answer',
  'server.address': 'host of the API or token endpoint',
  'server.port': 'its port',
  'url.scheme': '`https` or `http`',
} as const;

export type SpanAttributes = Readonly<Partial<Record<keyof typeof SPAN_ATTRIBUTES, string | number>>>;

/** What a new span begins with. */
export interface SpanStart {
  readonly name: string;
  /** `client`: a call to another system. */
  readonly kind: 'internal' | 'client';
  readonly attributes: SpanAttributes;
}

/** A span while its work runs. */
export interface OpenSpan {
  add(attributes: SpanAttributes): void;
  /** Says that the work failed. @param errorType as `error.type` */
  fail(errorType: string): void;
}

export interface Tracer {
  /** Runs the work in a span, child of the one that the caller runs in. What the work throws fails the span as {@link errorTypeOf}, and is thrown on. */
  within<T>(start: SpanStart, work: (span: OpenSpan) => Promise<T>): Promise<T>;
}

/** Says nothing to anybody. */
export const NO_SPAN: OpenSpan = Object.freeze({ add: ignore, fail: ignore });

/** Makes no spans. */
export const NO_TRACER: Tracer = Object.freeze({ within: withoutSpan });

/** An error as `error.type`: its code or kind, else its class; never its message. */
export function errorTypeOf(error: unknown): string {
  if (error instanceof EverbearerError) return error.code;
  if (error instanceof HttpFailure) return error.kind;
  return error instanceof Error ? error.constructor.name : '_OTHER';
}

function withoutSpan<T>(_start: SpanStart, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  return work(NO_SPAN);
}

function ignore(): void {
  return undefined;
}
