import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HttpRequest } from '../../src/kernel/http-client.ts';
import {
  destinationOf,
  failureOf,
  LIMITS,
  openClient,
  requestOf,
  serveHttp,
  serveSocket,
} from './http-client-servers.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes that came over every connection which this test's client opens to the origin. */
function countBytesRead(origin: () => string): () => number {
  const sockets: Socket[] = [];
  const onConnected = (message: unknown): void => {
    const { connectParams, socket } = message as { connectParams: { host: string }; socket: Socket };
    if (origin().endsWith(connectParams.host)) sockets.push(socket);
  };
  subscribe('undici:client:connected', onConnected);
  onTestFinished(() => void unsubscribe('undici:client:connected', onConnected));
  return () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
}

function sendEndlessly(response: ServerResponse, total: number): void {
  let left = total;
  const chunk = Buffer.alloc(64 * KIB);
  const push = (): void => {
    while (left > 0 && response.write(chunk)) left -= chunk.length;
    if (left <= 0) response.end();
  };
  response.on('drain', push).on('error', () => undefined);
  push();
}

describe('maxResponseBytes', () => {
  const maxResponseBytes = MIB;
  const limits = { ...LIMITS, maxResponseBytes };

  test.each<[size: number, kind: string]>([
    [maxResponseBytes, 'answer'],
    [maxResponseBytes + 1, 'too_large'],
  ])('%s bytes are %s', async (size, kind) => {
    const origin = await serveHttp((_request, response) => response.writeHead(200).end(Buffer.alloc(size)));
    const outcome = await openClient()
      .request(requestOf(origin, { limits }))
      .then(
        ({ body }) => `answer ${body.byteLength}`,
        (error: unknown) => (error as { kind: string }).kind,
      );
    expect(outcome).toBe(kind === 'answer' ? `answer ${size}` : kind);
  });

  test('50 MB are given up after the limit and 64 KiB at most', async () => {
    let origin = '';
    const bytesRead = countBytesRead(() => origin);
    origin = await serveHttp((_request, response) => sendEndlessly(response, 50 * MIB));
    const failure = await failureOf(openClient().request(requestOf(origin, { limits })));
    expect(failure).toMatchObject({ kind: 'too_large', sent: true });
    expect(bytesRead()).toBeGreaterThan(0);
    // The chunked framing and the headers come on top.
    expect(bytesRead()).toBeLessThanOrEqual(maxResponseBytes + 64 * KIB + 4 * KIB);
  });

  test('50 MB that are announced are not read at all', async () => {
    let origin = '';
    const bytesRead = countBytesRead(() => origin);
    origin = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-length': 50 * MIB });
      sendEndlessly(response, 50 * MIB);
    });
    expect(await failureOf(openClient().request(requestOf(origin, { limits })))).toMatchObject({ kind: 'too_large' });
    expect(bytesRead()).toBeLessThanOrEqual(64 * KIB);
  });

  test('a limit of 0 takes an empty body and no other', async () => {
    const none = { ...LIMITS, maxResponseBytes: 0 };
    const empty = await serveHttp((_request, response) => response.writeHead(200).end());
    const full = await serveHttp((_request, response) => response.writeHead(200).end('x'));
    expect((await openClient().request(requestOf(empty, { limits: none }))).status).toBe(200);
    expect(await failureOf(openClient().request(requestOf(full, { limits: none })))).toMatchObject({
      kind: 'too_large',
    });
  });
});

describe('totalMs', () => {
  const limits = { ...LIMITS, totalMs: 150 };

  test('a body that drips byte by byte ends with it', async () => {
    const origin = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const started = performance.now();
    const failure = await failureOf(openClient().request(requestOf(origin, { limits })));
    expect(failure).toMatchObject({ kind: 'timeout', sent: true, origin });
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test('a server that never answers ends with it, and its connection is closed', async () => {
    const closed = Promise.withResolvers<boolean>();
    const origin = await serveHttp((request) => request.socket.on('close', () => closed.resolve(true)));
    expect(await failureOf(openClient().request(requestOf(origin, { limits })))).toMatchObject({
      kind: 'timeout',
      sent: true,
    });
    expect(await closed.promise).toBe(true);
  });

  test.each([2 ** 31, 1e12])('of %d ms is no reason to stop at once', async (totalMs) => {
    const origin = await serveHttp((_request, response) => void setTimeout(() => response.end('ok'), 30));
    const answer = await openClient().request(requestOf(origin, { limits: { ...LIMITS, totalMs } }));
    expect(answer.status).toBe(200);
  });

  test('does not begin while the request waits for a connection', async () => {
    const origin = await serveHttp((_request, response) => void setTimeout(() => response.end('ok'), 100));
    const client = openClient({ connectionsPerOrigin: 1 });
    const destination = destinationOf();
    const answers = Array.from({ length: 3 }, () => client.request(requestOf(origin, { destination, limits })));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('a request for which no connection becomes free ends after connectMs and totalMs, unsent', async () => {
    const seen: (string | undefined)[] = [];
    const origin = await serveHttp((request) => void seen.push(request.url));
    const client = openClient({ connectionsPerOrigin: 1 });
    const destination = destinationOf();
    const limits = { ...LIMITS, connectMs: 100 };
    const requestTo = (path: string, totalMs: number): HttpRequest =>
      requestOf(`${origin}${path}`, { destination, limits: { ...limits, totalMs } });
    const blocker = failureOf(client.request(requestTo('/blocker', 1_000)));
    await expect.poll(() => seen).toEqual(['/blocker']);
    const failure = await failureOf(client.request(requestTo('/waiting', 100)));
    expect(failure).toMatchObject({ kind: 'timeout', sent: false });
    await blocker;
    expect(seen).toEqual(['/blocker']);
  });
});

describe('connectMs', () => {
  const limits = { ...LIMITS, connectMs: 150 };

  test('a resolver that never answers ends with it', async () => {
    const lookup: LookupFunction = () => undefined;
    const client = openClient({ lookup });
    const failure = await failureOf(client.request(requestOf('http://localhost:9/', { limits })));
    expect(failure).toMatchObject({ kind: 'connect', sent: false });
  });

  test('a TLS handshake that never ends, ends with it', async () => {
    const origin = (await serveSocket(() => undefined)).replace('http:', 'https:');
    const failure = await failureOf(openClient().request(requestOf(origin, { limits })));
    expect(failure).toMatchObject({ kind: 'connect', sent: false });
  });
});
