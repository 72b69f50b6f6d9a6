/** What the spans and metrics of real requests say, and what they never do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { observeHttpClient } from '../../src/io/http-client-observed.ts';
import { createMetrics } from '../../src/io/metrics.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import { createTracer } from '../../src/io/tracer.ts';
import { HttpFailure, type HttpClient, type HttpRequest, type HttpResponse } from '../../src/kernel/http-client.ts';
import type { MetricsRegistry } from '../../src/kernel/metrics.ts';
import { recordSpans, type SpanRecording } from '../support/spans.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { openClient, requestOf, serveHttp } from './http-client-servers.ts';

let recording: SpanRecording;
let metrics: MetricsRegistry;
beforeEach(() => {
  recording = recordSpans();
  metrics = createMetrics();
});
afterEach(async () => {
  await recording.dispose();
});

function observed(http: HttpClient, clock = createSystemClock()): HttpClient {
  return observeHttpClient(http, { clock, metrics, tracer: createTracer('1') }, 'task');
}

/** A client that answers, or fails, without a network. */
function scripted(answer: () => HttpResponse | Promise<HttpResponse>): HttpClient {
  return { request: async () => await answer(), close: () => Promise.resolve() };
}

function answerOf(status: number): HttpResponse {
  return { status, statusText: '', headers: {}, body: new Uint8Array() };
}

/** Labels of the requests that were counted, as they stand. */
async function counted(): Promise<readonly string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.flatMap((line) => /^http_client_request_duration_seconds_count\{(.*)\} \d+$/.exec(line)?.[1] ?? []);
}

describe('a request', () => {
  test('is a client span with method, server and status', async () => {
    const origin = await serveHttp((_request, response) => response.writeHead(201).end('made'));
    const answer = await observed(openClient()).request(requestOf(`${origin}/things`, { method: 'POST' }));
    expect(answer.status).toBe(201);
    expect(recording.spans()).toEqual([
      {
        name: 'POST',
        kind: 'CLIENT',
        failed: false,
        parent: undefined,
        attributes: {
          'http.request.method': 'POST',
          'http.response.status_code': 201,
          'server.address': '127.0.0.1',
          'server.port': Number(new URL(origin).port),
          'url.scheme': 'http',
        },
      },
    ]);
    expect(await counted()).toEqual([
      `http_request_method="POST",http_response_status_code="201",error_type="",server_address="127.0.0.1",server_port="${new URL(origin).port}",everbearer_purpose="task"`,
    ]);
  });

  test.each([
    [200, false, undefined],
    [304, false, undefined],
    [399, false, undefined],
    [400, true, '400'],
    [401, true, '401'],
    [503, true, '503'],
  ])('that is answered %s: failed is %s', async (status, failed, errorType) => {
    await observed(scripted(() => answerOf(status))).request(requestOf('https://api.example.com/'));
    const [span] = recording.spans();
    expect(span?.failed).toBe(failed);
    expect(span?.attributes['error.type']).toBe(errorType);
    expect((await counted())[0]).toContain(`http_response_status_code="${status}",error_type="${errorType ?? ''}"`);
  });

  test('that fails says why by kind, and fails as it did', async () => {
    const failure = new HttpFailure('timeout', 'too late', { sent: true, origin: 'https://api.example.com' });
    const client = observed(scripted(() => Promise.reject(failure)));
    await expect(client.request(requestOf('https://api.example.com/'))).rejects.toBe(failure);
    expect(recording.spans()).toMatchObject([{ failed: true, attributes: { 'error.type': 'timeout' } }]);
    expect(recording.spans()[0]?.attributes).not.toHaveProperty('http.response.status_code');
    expect((await counted())[0]).toContain('http_response_status_code="",error_type="timeout"');
  });

  test('takes as long as it takes', async () => {
    const clock = createVirtualClock();
    const slow = scripted(async () => {
      await clock.sleep(3_000);
      return answerOf(200);
    });
    const answer = observed(slow, clock).request(requestOf('https://api.example.com/'));
    await clock.advance(3_000);
    await answer;
    const text = await metrics.text();
    expect(text).toMatch(/^http_client_request_duration_seconds_sum\{.*\} 3$/m);
    expect(text).toMatch(/^http_client_request_duration_seconds_bucket\{le="2.5",.*\} 0$/m);
    expect(text).toMatch(/^http_client_request_duration_seconds_bucket\{le="5",.*\} 1$/m);
  });
});

test.each([
  ['https://api.example.com/v1', 'api.example.com', 443, 'https'],
  ['http://api.example.com', 'api.example.com', 80, 'http'],
  ['https://api.example.com:8443/v1', 'api.example.com', 8443, 'https'],
  ['https://user:geheim@api.example.com/v1', 'api.example.com', 443, 'https'],
  ['https://api.example.com?key=geheim', 'api.example.com', 443, 'https'],
  ['https://[2001:db8::1]:8443/v1', '2001:db8::1', 8443, 'https'],
  ['no URL at all', '_OTHER', 0, ''],
])('of %s the server is told, and no more', async (url, address, port, scheme) => {
  await observed(scripted(() => answerOf(200))).request(requestOf(url));
  expect(recording.spans()[0]?.attributes).toMatchObject({
    'server.address': address,
    'server.port': port,
    'url.scheme': scheme,
  });
  expect(recording.text() + (await metrics.text())).not.toContain('geheim');
});

test.each([
  ['PATCH', 'PATCH', 'PATCH'],
  ['QUERY', 'QUERY', 'QUERY'],
  ['X-COPY', '_OTHER', 'HTTP'],
])('the method %s is told as %s, its span is named %s', async (method, told, name) => {
  await observed(scripted(() => answerOf(200))).request(requestOf('https://api.example.com', { method }));
  expect(recording.spans()).toMatchObject([{ name, attributes: { 'http.request.method': told } }]);
  expect((await counted())[0]).toContain(`http_request_method="${told}"`);
});

describe('a request that is sent again', () => {
  const resends = async (): Promise<Readonly<Record<string, string>>> => {
    const found = (await metrics.text()).matchAll(/^everbearer_task_resends_total\{outcome="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries([...found].map(([, outcome = '', count = '']) => [outcome, count] as const));
  };

  test.each<[string, number, () => HttpResponse, Readonly<Record<string, string>>]>([
    ['the first time is none', 0, () => answerOf(200), { accepted: '0', refused: '0', failed: '0' }],
    ['taken', 1, () => answerOf(404), { accepted: '1', refused: '0', failed: '0' }],
    ['refused once more', 1, () => answerOf(401), { accepted: '0', refused: '1', failed: '0' }],
    ['refused for the second time', 2, () => answerOf(401), { accepted: '0', refused: '1', failed: '0' }],
    [
      'not answered',
      1,
      () => {
        throw new HttpFailure('reset', 'gone', { sent: true, origin: '' });
      },
      { accepted: '0', refused: '0', failed: '1' },
    ],
  ])('%s', async (_title, resendCount, answer, expected) => {
    const client = observed(scripted(answer));
    await client.request(requestOf('https://api.example.com', { resendCount })).catch(() => undefined);
    expect(await resends()).toEqual(expected);
    expect(recording.spans()[0]?.attributes['http.request.resend_count']).toBe(
      resendCount === 0 ? undefined : resendCount,
    );
  });
});

test('test 47: nothing of headers, path, query or bodies stands in spans or metrics', async () => {
  const canary = 'canary-4711';
  const origin = await serveHttp((_request, response) => {
    response.writeHead(500, `Oops ${canary}`, { 'www-authenticate': `Bearer error="${canary}"`, 'set-cookie': canary });
    response.end(canary);
  });
  const request: HttpRequest = requestOf(`${origin}/bot${canary}/${canary}?key=${canary}#${canary}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${canary}`, cookie: `session=${canary}` },
    body: canary,
    resendCount: 1,
  });
  const client = observed(openClient());
  expect((await client.request(request)).status).toBe(500);
  await client.request({ ...request, destination: { ...request.destination, hosts: [] } }).catch(() => undefined);
  expect(recording.spans().map(({ attributes }) => attributes['error.type'])).toEqual(['500', 'egress']);
  expect(recording.text()).toContain('127.0.0.1');
  expect(recording.text() + (await metrics.text())).not.toContain(canary);
});
