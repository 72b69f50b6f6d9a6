import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { HttpFailure } from '../../src/kernel/http-client.ts';
import type { Destination } from '../../src/kernel/http-client.ts';
import { destinationOf, failureOf, openClient, requestOf, serveHttp, serveSocket } from './http-client-servers.ts';

const text = (body: Uint8Array): string => Buffer.from(body).toString();

describe('an answer', () => {
  test('comes with status, reason, lower-case headers, repeated ones as an array, and the body', async () => {
    const origin = await serveHttp((_request, response) => {
      response.writeHead(201, 'Made It', { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end('made');
    });
    const answer = await openClient().request(requestOf(`${origin}/`));
    expect(answer).toMatchObject({ status: 201, statusText: 'Made It' });
    expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] });
    expect(text(answer.body)).toBe('made');
  });

  test.each([204, 304, 400, 401, 404, 500, 503])('%s is an answer, not a failure', async (status) => {
    const origin = await serveHttp((_request, response) => response.writeHead(status).end());
    const answer = await openClient().request(requestOf(origin));
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveLength(0);
  });

  test.each([301, 302, 303, 307, 308])('%s is returned and its target is never called', async (status) => {
    let calls = 0;
    const other = await serveHttp((_request, response) => response.end(String(++calls)));
    const origin = await serveHttp((_request, response) => response.writeHead(status, { location: other }).end());
    const request = requestOf(origin, { method: 'POST', body: 'secret=1', headers: { authorization: 'Basic x' } });
    const answer = await openClient().request(request);
    expect(answer).toMatchObject({ status, headers: { location: other } });
    expect(calls).toBe(0);
  });

  test('100 and 103 before it are passed over', async () => {
    const origin = await serveSocket((socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
      ),
    );
    expect(text((await openClient().request(requestOf(origin))).body)).toBe('ok');
  });

  test('to HEAD has no body, however long it says that one would be', async () => {
    const origin = await serveHttp((_request, response) =>
      response.writeHead(200, { 'content-length': 50_000_000 }).end(),
    );
    const answer = await openClient().request(requestOf(origin, { method: 'HEAD' }));
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '50000000' } });
    expect(answer.body).toHaveLength(0);
  });
});

describe('a request', () => {
  test.each<[kind: string, body: string | Uint8Array | undefined, expected: string]>([
    ['text', 'grant_type=password&x=é', 'grant_type=password&x=é'],
    ['bytes', Buffer.from([1, 2, 255]), '\u0001\u0002ÿ'],
    ['a view into a longer buffer', Buffer.from('abcdef').subarray(2, 4), 'cd'],
    ['an empty text', '', ''],
    ['nothing', undefined, ''],
  ])('with %s arrives as it was given', async (kind, body, expected) => {
    const origin = await serveHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () =>
        response.end(JSON.stringify([request.method, request.url, Buffer.concat(chunks).toString('hex')])),
      );
    });
    const url = `${origin}/a%2Fb/c?d=e%20f#fragment`;
    const answer = await openClient().request(
      requestOf(url, { method: 'POST', ...(body === undefined ? {} : { body }) }),
    );
    const hex = Buffer.from(expected, kind === 'bytes' ? 'latin1' : 'utf8').toString('hex');
    expect(JSON.parse(text(answer.body))).toEqual(['POST', '/a%2Fb/c?d=e%20f', hex]);
  });

  test('reuses the connections of its destination and shares them with no other', async () => {
    const origin = await serveHttp((request, response) => response.end(String(request.socket.remotePort)));
    const client = openClient();
    const portsOf = async (destination: Destination): Promise<Set<string>> => {
      const ports = new Set<string>();
      for (let call = 0; call < 10; call++)
        ports.add(text((await client.request(requestOf(origin, { destination }))).body));
      return ports;
    };
    const ours = await portsOf(destinationOf());
    // Two: undici rests a connection for one turn of the event loop before it is used again.
    expect(ours.size).toBeLessThanOrEqual(2);
    expect([...(await portsOf(destinationOf()))].filter((port) => ours.has(port))).toEqual([]);
  });

  test('still works for a destination whose connections were given up for newer ones', async () => {
    const origin = await serveHttp((_request, response) => response.end('ok'));
    const client = openClient({ maxDestinations: 2 });
    const destinations = [destinationOf(), destinationOf(), destinationOf(), destinationOf()];
    for (const destination of [...destinations, ...destinations])
      expect(text((await client.request(requestOf(origin, { destination }))).body)).toBe('ok');
  });

  test.each<[name: string, value: string]>([
    ['x y', '1'],
    ['x', 'a\r\nb: c'],
    ['transfer-encoding', 'chunked'],
    ['expect', '100-continue'],
  ])('with the header %j is refused before anything is sent', async (name, value) => {
    let calls = 0;
    const origin = await serveHttp((_request, response) => response.end(String(++calls)));
    const failure = await failureOf(openClient().request(requestOf(origin, { headers: { [name]: value } })));
    expect(failure).toMatchObject({ kind: 'protocol', sent: false });
    expect(calls).toBe(0);
  });

  test.each(['CONNECT', 'GET /x', ''])('with the method %j is refused before anything is sent', async (method) => {
    const origin = await serveHttp((_request, response) => response.end());
    expect(await failureOf(openClient().request(requestOf(origin, { method })))).toMatchObject({ sent: false });
  });
});

describe('the start check', () => {
  test('is asked once the connection stands, and a no sends nothing', async () => {
    const seen: string[] = [];
    const origin = await serveSocket((socket) => {
      seen.push('connected');
      socket.on('data', () => seen.push('data'));
    });
    const mayStart = (): boolean => {
      seen.push('asked');
      return false;
    };
    const failure = await failureOf(openClient().request(requestOf(origin, { mayStart })));
    expect(failure).toMatchObject({ kind: 'aborted', sent: false });
    await expect.poll(() => seen).toContain('connected');
    expect(seen.filter((entry) => entry === 'asked')).toHaveLength(1);
    expect(seen).not.toContain('data');
  });

  test('lets the request go on a yes', async () => {
    const origin = await serveHttp((_request, response) => response.end('ok'));
    const answer = await openClient().request(requestOf(origin, { mayStart: () => true }));
    expect(text(answer.body)).toBe('ok');
  });
});

describe('a signal', () => {
  test('that is aborted already keeps the request from being sent', async () => {
    let calls = 0;
    const origin = await serveHttp((_request, response) => response.end(String(++calls)));
    const failure = await failureOf(openClient().request(requestOf(origin, { signal: AbortSignal.abort() })));
    expect(failure).toMatchObject({ kind: 'aborted', sent: false, origin });
    expect(calls).toBe(0);
  });

  test('ends a request that waits for its answer', async () => {
    const controller = new AbortController();
    const origin = await serveHttp(() => controller.abort());
    const failure = await failureOf(openClient().request(requestOf(origin, { signal: controller.signal })));
    expect(failure).toMatchObject({ kind: 'aborted', sent: true });
  });

  test('is let go of when the request is over', async () => {
    const origin = await serveHttp((_request, response) => response.end());
    const { signal } = new AbortController();
    await openClient().request(requestOf(origin, { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('close', () => {
  test('lets what is on its way arrive, and refuses what comes later', async () => {
    const origin = await serveHttp((_request, response) => void setTimeout(() => response.end('late'), 50));
    const client = openClient();
    const running = client.request(requestOf(origin));
    await Promise.resolve();
    await client.close();
    expect(text((await running).body)).toBe('late');
    const failure = await failureOf(client.request(requestOf(origin)));
    expect(failure).toBeInstanceOf(HttpFailure);
    expect(failure).toMatchObject({ kind: 'aborted', sent: false });
  });
});
