/** Takes one answer from undici's dispatcher. Below `undici.request`, because only there can be told whether the request was begun. */
import type { Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import type { HttpLimits, HttpResponse } from '../kernel/http-client.ts';
import { headOf, httpFailure, translateFailure } from './http-client-failure.ts';
import type { FailureContext } from './http-client-failure.ts';
import { LONGEST_TIMER_MS } from './timer-limit.ts';

type Headers = HttpResponse['headers'];

export interface CollectorOptions {
  readonly method: string;
  readonly origin: string;
  readonly limits: HttpLimits;
  readonly signal: AbortSignal | undefined;
  /** Asked right before the first byte is written. */
  readonly mayStart: (() => boolean) | undefined;
}

/** One request's life: waiting for a connection, begun, answered. It settles `answer` exactly once. */
export class ResponseCollector implements Dispatcher.DispatchHandler {
  readonly #options: CollectorOptions;
  readonly #createdAt = performance.now();
  readonly #chunks: Uint8Array[] = [];
  readonly #onAbort = (): void => this.#fail(httpFailure('aborted', this.#context));
  readonly #settlement = Promise.withResolvers<HttpResponse>();
  #timer: NodeJS.Timeout;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #startedAt: number | undefined;
  #bytes = 0;
  #status = 0;
  #statusText = '';
  #headers: Headers = {};

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#timer = setTimeout(this.#onTimer, Math.min(options.limits.totalMs, LONGEST_TIMER_MS));
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The answer, its body not decoded yet. Rejects with `HttpFailure` alone. */
  get answer(): Promise<HttpResponse> {
    return this.#settlement.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (!this.#settled && this.#options.mayStart?.() === false)
      this.#fail(httpFailure('aborted', this.#context, 'it was too late to begin'));
    if (this.#settled) controller.abort(new Error('not wanted any more'));
    else this.#startedAt = performance.now();
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders, statusText?: string): void {
    if (status < 200) return;
    this.#status = status;
    // What was received is never undefined; undici's type only says so for looking up by name.
    this.#headers = headers as Headers;
    this.#statusText = statusText ?? '';
    const announced = this.#options.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
    if (announced > this.#options.limits.maxResponseBytes) this.#failTooLarge();
  }

  onResponseData(_controller: unknown, chunk: Uint8Array): void {
    if (this.#settled) return;
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#options.limits.maxResponseBytes) this.#failTooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const [first] = this.#chunks;
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.#settlement.resolve({ status: this.#status, statusText: this.#statusText, headers: this.#headers, body });
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.#fail(translateFailure(error, this.#context));
  }

  get #context(): FailureContext {
    const sent = this.#startedAt !== undefined;
    const head = headOf({ status: this.#status, headers: this.#headers });
    return { origin: this.#options.origin, sent, ...(this.#status === 0 ? {} : { head }) };
  }

  /** One timer a request: it was set for the common case, and looks again where the connection came late. */
  readonly #onTimer = (): void => {
    const remainingMs = this.#remainingMs();
    if (remainingMs > 0) this.#timer = setTimeout(this.#onTimer, Math.min(Math.ceil(remainingMs), LONGEST_TIMER_MS));
    // What has arrived is looked at first: an event loop that was blocked must not lose an answer, and a refresh token with it.
    else setImmediate(this.#onTimeUp);
  };

  readonly #onTimeUp = (): void => {
    if (this.#settled) return;
    if (this.#remainingMs() > 0) this.#onTimer();
    else if (this.#startedAt === undefined)
      this.#fail(httpFailure('timeout', this.#context, 'no connection became free'));
    else this.#fail(httpFailure('timeout', this.#context, `${this.#options.limits.totalMs} ms`));
  };

  #remainingMs(): number {
    const { totalMs, connectMs } = this.#options.limits;
    return (this.#startedAt ?? this.#createdAt + connectMs) + totalMs - performance.now();
  }

  #failTooLarge(): void {
    this.#fail(httpFailure('too_large', this.#context, `${this.#options.limits.maxResponseBytes} bytes`));
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#chunks.length = 0;
    this.#settlement.reject(error);
    // Before the start there is no controller; onRequestStart aborts when its turn comes.
    this.#controller?.abort(new Error('not wanted any more'));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }
}
