import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { TLSSocket } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HttpRequest } from '../../src/kernel/http-client.ts';
import {
  destinationOf,
  failureOf,
  LIMITS,
  openClient,
  requestOf,
  serveHttp,
  serveHttps,
  serveSocket,
} from './http-client-servers.ts';
import { createCertificate } from './self-signed-certificate.ts';

const text = (body: Uint8Array): string => Buffer.from(body).toString();
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok';

/** Requests that share everything but the connection. */
function requestsTo(url: string, connection: HttpRequest['connection']): () => HttpRequest {
  const destination = destinationOf();
  return () => requestOf(url, { destination, method: 'POST', body: 'a=b', ...(connection && { connection }) });
}

/** Promises to keep every connection, and resets it instead at its second request: what an idle time-out does at the worst moment. */
const serveOneRequestEach = (): Promise<string> =>
  serveSocket((socket) => {
    let requests = 0;
    socket.on('data', () => {
      requests += 1;
      if (requests === 1) socket.write(OK);
      else socket.resetAndDestroy();
    });
  });

describe('F9 a connection for one request alone', () => {
  test('is new for each: a server that drops idle ones at the moment of sending harms none of 100 requests', async () => {
    const next = requestsTo(await serveOneRequestEach(), 'new');
    const client = openClient();
    for (let count = 0; count < 100; count++) expect((await client.request(next())).status).toBe(200);
  });

  test('is what makes the difference: a kept one is lost, and nobody knows whether the request was taken', async () => {
    const next = requestsTo(await serveOneRequestEach(), 'persistent');
    const client = openClient();
    const outcomes: unknown[] = [];
    // Not the second already: undici rests a connection for one turn of the event loop before it is used again.
    for (let count = 0; count < 4; count++) {
      outcomes.push(await client.request(next()).catch((error: unknown) => error));
    }
    expect(outcomes).toContainEqual(expect.objectContaining({ kind: 'reset', sent: true }));
  });

  test('says so to the server, and ends with the answer', async () => {
    const closed: Promise<unknown>[] = [];
    const seen: (string | undefined)[] = [];
    const origin = await serveHttp((request: IncomingMessage, response) => {
      seen.push(request.headers.connection);
      closed.push(once(request.socket, 'close'));
      response.shouldKeepAlive = true;
      response.end('ok');
    });
    const client = openClient();
    for (const connection of ['persistent', 'new'] as const) await client.request(requestsTo(origin, connection)());
    expect(seen).toEqual(['keep-alive', 'close']);
    await closed[1];
  });

  test('waits for no other: the limit of kept connections is not its own', async () => {
    const held: (() => void)[] = [];
    const origin = await serveHttp((_request, response) => void held.push(() => response.end('ok')));
    const client = openClient({ connectionsPerOrigin: 1 });
    const next = requestsTo(origin, 'new');
    const answers = Array.from({ length: 8 }, () => client.request(next()));
    await expect.poll(() => held.length).toBe(8);
    for (const release of held) release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  });

  test('is let finish by close(), which refuses what comes later', async () => {
    const origin = await serveHttp((_request, response) => void setTimeout(() => response.end('late'), 50));
    const client = openClient();
    const next = requestsTo(origin, 'new');
    const running = client.request(next());
    await Promise.resolve();
    await client.close();
    expect(text((await running).body)).toBe('late');
    expect(await failureOf(client.request(next()))).toMatchObject({ kind: 'aborted', sent: false });
  });

  test('resumes the TLS session of the one before', async () => {
    const certificate = createCertificate({ commonName: 'localhost', names: ['localhost'] });
    const reused: boolean[] = [];
    const origin = (
      await serveHttps({ ...certificate, maxVersion: 'TLSv1.2' }, (request, response) => {
        reused.push(request.socket instanceof TLSSocket && request.socket.isSessionReused());
        response.end();
      })
    ).replace('127.0.0.1', 'localhost');
    const client = openClient();
    const destination = destinationOf({ tls: { rejectUnauthorized: true, ca: certificate.cert } });
    for (let count = 0; count < 2; count++) await client.request(requestOf(origin, { destination, connection: 'new' }));
    expect(reused).toEqual([false, true]);
  });
});

describe.each(['persistent', 'new'] as const)('the start check of a %s connection', (connection) => {
  const certificate = createCertificate({ commonName: 'localhost', names: ['127.0.0.1'] });
  const destination = destinationOf({ tls: { rejectUnauthorized: true, ca: certificate.cert } });

  test('comes after connect and TLS, and a no sends nothing', async () => {
    const seen: string[] = [];
    const origin = await serveHttps(certificate, () => void seen.push('request'));
    const onConnected = (message: unknown): void => {
      const { connectParams, socket } = message as { connectParams: { host: string }; socket: TLSSocket };
      if (origin.endsWith(connectParams.host)) seen.push(`connected, ${String(socket.getProtocol())}`);
    };
    subscribe('undici:client:connected', onConnected);
    onTestFinished(() => void unsubscribe('undici:client:connected', onConnected));
    const mayStart = (): boolean => {
      seen.push('asked');
      return false;
    };
    const failure = await failureOf(openClient().request(requestOf(origin, { destination, connection, mayStart })));
    expect(failure).toMatchObject({ kind: 'aborted', sent: false });
    expect(seen).toEqual(['connected, TLSv1.3', 'asked']);
  });

  test('is not asked where the handshake fails', async () => {
    const origin = await serveHttps(certificate, (_request, response) => response.end());
    let asked = 0;
    const mayStart = (): boolean => ++asked > 0;
    const request = requestOf(origin, { destination: destinationOf(), connection, mayStart });
    expect(await failureOf(openClient().request(request))).toMatchObject({ kind: 'tls', sent: false });
    expect(asked).toBe(0);
  });
});

describe.each(['persistent', 'new'] as const)('connectMs of a %s connection', (connection) => {
  test.each([
    ['a handshake that never ends', async () => (await serveSocket(() => undefined)).replace('http:', 'https:'), {}],
    ['a resolver that never answers', async () => 'http://localhost:9', { lookup: () => undefined }],
  ])('ends %s in time, not at the next beat of a slow clock', async (_what, serve, options) => {
    const origin = await serve();
    const client = openClient(options);
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const started = performance.now();
      const limits = { ...LIMITS, connectMs: 60 };
      const failure = await failureOf(client.request(requestOf(origin, { limits, connection })));
      expect(failure).toMatchObject({ kind: 'connect', sent: false, head: undefined });
      times.push(performance.now() - started);
    }
    expect(Math.min(...times)).toBeGreaterThanOrEqual(59);
    expect(Math.min(...times)).toBeLessThan(250);
  });

  test('is no reason to stop at once where it is longer than a timer', async () => {
    const origin = await serveHttp((_request, response) => response.end('ok'));
    const request = requestOf(origin, { limits: { ...LIMITS, connectMs: 2 ** 31 }, connection });
    expect((await openClient().request(request)).status).toBe(200);
  });
});

describe('an event loop that is blocked beyond every limit', () => {
  /** In a thread of its own: it answers while this one is blocked, and says so where a blocked thread can see it. */
  async function serveElsewhere(): Promise<{ readonly origin: string; readonly answered: Int32Array }> {
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { createServer } = require('node:http');
       const { parentPort, workerData } = require('node:worker_threads');
       const server = createServer((_request, response) => {
         response.on('finish', () => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); });
         response.end('answered');
       });
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
      { eval: true, workerData: answered },
    );
    onTestFinished(async () => {
      await worker.terminate();
    });
    const [port] = (await once(worker, 'message')) as [number];
    return { origin: `http://127.0.0.1:${port}`, answered };
  }

  const block = (ms: number): void => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };

  test('does not lose an answer that has come meanwhile (F6)', async () => {
    const { origin, answered } = await serveElsewhere();
    const mayStart = (): boolean => {
      // Right behind the bytes of the request, before anything else of this loop.
      process.nextTick(() => {
        Atomics.wait(answered, 0, 0, 10_000);
        block(250);
      });
      return true;
    };
    const limits = { ...LIMITS, totalMs: 200 };
    const answer = await openClient().request(requestOf(origin, { limits, connection: 'new', mayStart }));
    expect(text(answer.body)).toBe('answered');
  });

  test('does not give up a connection that stands meanwhile', async () => {
    const { origin } = await serveElsewhere();
    const running = openClient().request(
      requestOf(origin, { limits: { ...LIMITS, connectMs: 50 }, connection: 'new' }),
    );
    block(200);
    expect((await running).status).toBe(200);
  });
});
