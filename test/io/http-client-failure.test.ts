import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { HttpFailure } from '../../src/kernel/http-client.ts';
import { destinationOf, failureOf, openClient, requestOf, serveHttp, serveSocket } from './http-client-servers.ts';

describe('a connection that breaks after the request was sent', () => {
  test.each<[title: string, bytes: string, kind: string]>([
    ['before the answer', '', 'reset'],
    ['inside the headers', 'HTTP/1.1 200 OK\r\ncontent-le', 'reset'],
    ['inside a body of known length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_', 'reset'],
    ['inside a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n{"access_', 'reset'],
    ['between chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n', 'reset'],
    ['inside the last body', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{"access_', 'reset'],
    [
      'inside the last chunk',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n64\r\n{',
      'reset',
    ],
    ['with no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'protocol'],
    ['with headers beyond any measure', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'protocol'],
  ])('%s is one failure, marked as sent', async (_title, bytes, kind) => {
    for (const ending of ['end', 'resetAndDestroy'] as const) {
      let connections = 0;
      const origin = await serveSocket((socket) => {
        connections++;
        socket.once('data', () => {
          if (bytes === '') socket[ending]();
          else socket.write(bytes, () => setTimeout(() => socket[ending](), 20));
        });
      });
      const failure = await failureOf(openClient().request(requestOf(origin, { method: 'GET' })));
      expect(failure).toBeInstanceOf(HttpFailure);
      expect(failure).toMatchObject({ kind, sent: true, origin });
      expect(connections, 'nothing is sent twice').toBe(1);
    }
  });

  test('a kept connection that the server closed meanwhile is not used', async () => {
    const origin = await serveHttp((_request, response) => response.end('ok'));
    const server = await serveSocket((socket) =>
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        setTimeout(() => socket.end(), 5);
      }),
    );
    const client = openClient();
    const destination = destinationOf();
    for (const url of [server, origin, server, server]) {
      expect((await client.request(requestOf(url, { destination }))).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  });
});

describe('a connection that never stands', () => {
  test('is refused: connect, not sent', async () => {
    const failure = await failureOf(openClient().request(requestOf('http://127.0.0.1:1/')));
    expect(failure).toMatchObject({ kind: 'connect', sent: false, origin: 'http://127.0.0.1:1' });
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('%s of the resolver: dns, not sent', async (code) => {
    const client = openClient({
      lookup: (hostname, _options, callback) =>
        callback(Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), { code }), []),
    });
    const failure = await failureOf(client.request(requestOf('http://localhost:9/')));
    expect(failure).toMatchObject({ kind: 'dns', sent: false });
  });

  test('a name without an address: dns, not sent', async () => {
    const client = openClient({ lookup: (_hostname, _options, callback) => callback(null, []) });
    expect(await failureOf(client.request(requestOf('http://localhost:9/')))).toMatchObject({
      kind: 'dns',
      sent: false,
    });
  });

  test('TLS with a server that speaks plain http: tls, not sent', async () => {
    const origin = (await serveHttp((_request, response) => response.end())).replace('http:', 'https:');
    expect(await failureOf(openClient().request(requestOf(origin)))).toMatchObject({ kind: 'tls', sent: false });
  });
});

test('no failure holds anything of the request or the answer, not even in its cause', async () => {
  const origins = [
    await serveSocket((socket) => socket.once('data', () => socket.end('CANARY CANARY\r\n\r\n'))),
    await serveSocket((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nx-CANARY\r\n\r\nCANARY'))),
    await serveHttp((request) => request.socket.destroy()),
    await serveHttp((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('CANARY')),
    'http://127.0.0.1:1',
    'http://CANARY:CANARY@127.0.0.1:1',
    'https://elsewhere.test',
  ];
  for (const origin of origins) {
    const failure = await failureOf(
      openClient().request(
        requestOf(`${origin}/CANARY?a=CANARY`, {
          method: 'POST',
          headers: { authorization: 'Bearer CANARY' },
          body: 'CANARY',
        }),
      ),
    );
    expect(failure).toBeInstanceOf(HttpFailure);
    expect(inspect(failure, { depth: 10, showHidden: true }).replaceAll(/\n +at .*/g, '')).not.toContain('CANARY');
  }
});
