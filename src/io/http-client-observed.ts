/** An `HttpClient` whose requests are spans and metrics: what for, where to, how long, what came of it. Of the URL it tells host and port. */
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../kernel/http-client.ts';
import { METRICS, OTHER_VALUE, type LabelsOf, type Metrics } from '../kernel/metrics.ts';
import { errorTypeOf, type OpenSpan, type SpanAttributes, type SpanStart, type Tracer } from '../kernel/tracer.ts';

export interface ObservationPorts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
}

type Labels = LabelsOf<'http_client_request_duration_seconds'>;
type Method = Labels['http_request_method'];

const METHODS: ReadonlySet<string> = new Set(METRICS.http_client_request_duration_seconds.labels.http_request_method);

/** Servers that a process keeps parsed. */
const SERVERS_KEPT = 1_000;

interface Server {
  readonly address: string;
  readonly port: number;
  readonly scheme: string;
}

const NO_SERVER: Server = Object.freeze({ address: OTHER_VALUE, port: 0, scheme: '' });

/** What a request came to. */
interface Ending {
  /** Absent where there was no answer. */
  readonly status?: number;
  /** `error.type`: a status from 400 on, or why there was no answer. */
  readonly errorType?: string;
}

/** @param purpose whose requests these are: a task's to its API, or those to token endpoints */
export function observeHttpClient(http: HttpClient, ports: ObservationPorts, purpose: 'task' | 'token'): HttpClient {
  const { clock, metrics, tracer } = ports;
  const serverOf = createServerCache();

  function request(call: HttpRequest): Promise<HttpResponse> {
    const server = serverOf(call.url);
    const method = METHODS.has(call.method) ? (call.method as Method) : OTHER_VALUE;
    return tracer.within(startOf(method, server, call), (span) => {
      const began = clock.monotonic();
      const tell = (ending: Ending): void => {
        const seconds = (clock.monotonic() - began) / 1_000;
        metrics.observe('http_client_request_duration_seconds', labelsOf(method, server, ending, purpose), seconds);
        if (isResend(call)) metrics.count('everbearer_task_resends_total', { outcome: resendOutcome(ending) });
      };
      return told(http.request(call), span, tell);
    });
  }

  return { request, close: () => http.close() };
}

async function told(
  answer: Promise<HttpResponse>,
  span: OpenSpan,
  tell: (ending: Ending) => void,
): Promise<HttpResponse> {
  try {
    const response = await answer;
    const ending = endingOf(response);
    span.add({ [ATTR_HTTP_RESPONSE_STATUS_CODE]: response.status });
    if (ending.errorType !== undefined) span.fail(ending.errorType);
    tell(ending);
    return response;
  } catch (error) {
    tell({ errorType: errorTypeOf(error) });
    throw error;
  }
}

function startOf(method: Method, server: Server, call: HttpRequest): SpanStart {
  const first: SpanAttributes = {
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_SERVER_ADDRESS]: server.address,
    [ATTR_SERVER_PORT]: server.port,
    [ATTR_URL_SCHEME]: server.scheme,
  };
  const attributes = isResend(call) ? { ...first, [ATTR_HTTP_REQUEST_RESEND_COUNT]: call.resendCount } : first;
  return { name: method === OTHER_VALUE ? 'HTTP' : method, kind: 'client', attributes };
}

function isResend(call: HttpRequest): call is HttpRequest & { readonly resendCount: number } {
  return call.resendCount !== undefined && call.resendCount > 0;
}

function endingOf({ status }: HttpResponse): Ending {
  return status < 400 ? { status } : { status, errorType: String(status) };
}

function labelsOf(method: Method, server: Server, ending: Ending, purpose: Labels['everbearer_purpose']): Labels {
  return {
    http_request_method: method,
    http_response_status_code: ending.status ?? '',
    error_type: ending.errorType ?? '',
    server_address: server.address,
    server_port: server.port,
    everbearer_purpose: purpose,
  };
}

function resendOutcome({ status }: Ending): LabelsOf<'everbearer_task_resends_total'>['outcome'] {
  if (status === undefined) return 'failed';
  return status === 401 ? 'refused' : 'accepted';
}

/** Tasks go to the same few servers again and again: each is parsed once. */
function createServerCache(): (url: string) => Server {
  const servers = new BoundedCache<string, Server>({ maxEntries: SERVERS_KEPT });
  return (url) => {
    const end = url.indexOf('/', url.indexOf('//') + 2);
    const origin = end === -1 ? url : url.slice(0, end);
    const known = servers.find(origin);
    if (known !== undefined) return known;
    const server = parseServer(origin);
    servers.set(origin, server);
    return server;
  };
}

function parseServer(origin: string): Server {
  const url = URL.parse(origin);
  if (url === null) return NO_SERVER;
  const scheme = url.protocol.slice(0, -1);
  const port = url.port === '' ? (scheme === 'http' ? 80 : 443) : Number(url.port);
  return Object.freeze({ address: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, scheme });
}
