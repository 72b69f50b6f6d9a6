/**
 * The `HttpClient` port on undici. `egress*.ts` decides where a request may go, `http-client-connector.ts` makes connections and
 * `http-client-agents.ts` keeps them, `http-client-collector.ts` takes the answer, `http-client-decoding.ts` unpacks it, `http-client-failure.ts` names what went wrong.
 */
import type { Dispatcher } from 'undici';
import type { HttpClient, HttpRequest, HttpResponse } from '../kernel/http-client.ts';
import type { EgressTarget } from './egress.ts';
import { Outlets } from './http-client-agents.ts';
import type { AgentOptions, Outlet } from './http-client-agents.ts';
import { ResponseCollector } from './http-client-collector.ts';
import { decodeContent } from './http-client-decoding.ts';
import { headOf, httpFailure } from './http-client-failure.ts';

export type HttpClientOptions = AgentOptions;

type UndiciRequest = Dispatcher.DispatchOptions & {
  /** Without it a Host header would choose whose certificate is expected. */
  readonly servername: string | undefined;
};

/** Nothing is followed, nothing is retried, nothing is sent where the destination doesn't let it. HTTP/1.1, keep-alive, no pipelining. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const outlets = new Outlets(options);
  let closed = false;
  return {
    request: async (request) => {
      const outlet = outlets.get(request.destination);
      const target = findTarget(outlet, request);
      if (closed) throw httpFailure('aborted', { origin: target.origin, sent: false }, 'the client is closed');
      const answer = await dispatch(outlet, request, target);
      const coding = answer.headers['content-encoding'];
      return coding === undefined ? answer : await decode(answer, coding, request, target);
    },
    close: async () => {
      closed = true;
      await outlets.close();
    },
  };
}

/** @throws HttpFailure `egress` */
function findTarget({ guard }: Outlet, { url, headers }: HttpRequest): EgressTarget {
  const decision = guard.decideUrl(url);
  if (!decision.allowed) throw httpFailure('egress', { origin: decision.origin, sent: false }, decision.reason);
  const { target } = decision;
  for (const name of Object.keys(headers)) {
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (!guard.namesHost(String(headers[name]), target.secure))
      throw httpFailure('egress', { origin: target.origin, sent: false }, "The Host header's host is not on the list.");
  }
  return target;
}

function dispatch(outlet: Outlet, request: HttpRequest, target: EgressTarget): Promise<HttpResponse> {
  const { method, limits, signal, mayStart } = request;
  const { origin } = target;
  if (signal?.aborted === true) throw httpFailure('aborted', { origin, sent: false });
  const collector = new ResponseCollector({ method, origin, limits, signal, mayStart });
  try {
    // Ends with the answer, or with the wait for it.
    const alone =
      request.connection === 'new' ? outlet.openClient(origin, limits.connectMs, collector.answer) : undefined;
    (alone ?? outlet.agent(limits.connectMs)).dispatch(dispatchOptions(request, target), collector);
  } catch (error) {
    collector.onResponseError(null, error);
  }
  return collector.answer;
}

function dispatchOptions({ method, headers, body }: HttpRequest, target: EgressTarget): UndiciRequest {
  return {
    origin: target.origin,
    path: target.path,
    method,
    // Undici reads the arrays only.
    headers: headers as Record<string, string | string[]>,
    body: nothingIfEmpty(body),
    servername: target.servername,
  };
}

function nothingIfEmpty(body: HttpRequest['body']): string | Uint8Array | null {
  return body === undefined || body.length === 0 ? null : body;
}

async function decode(
  answer: HttpResponse,
  coding: string | readonly string[],
  { limits }: HttpRequest,
  { origin }: EgressTarget,
): Promise<HttpResponse> {
  const header = typeof coding === 'string' ? coding : coding.join(',');
  const outcome = await decodeContent(answer.body, header, limits.maxResponseBytes);
  if ('body' in outcome) return { ...answer, body: outcome.body };
  throw httpFailure(outcome.fault, { origin, sent: true, head: headOf(answer) }, outcome.detail);
}
