/** Real local servers for the tests of the HTTP client, and a client that ends with the test. */
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { createHttpClient } from '../../src/io/http-client.ts';
import type { HttpClientOptions } from '../../src/io/http-client.ts';
import type { Destination, HttpClient, HttpFailure, HttpRequest } from '../../src/kernel/http-client.ts';

export const LIMITS = { connectMs: 2_000, totalMs: 5_000, maxResponseBytes: 1024 * 1024 };

/** Everything on loopback is open, unless the test says otherwise. */
export function destinationOf(overrides: Partial<Destination> = {}): Destination {
  return {
    hosts: ['127.0.0.1', 'localhost'],
    allowHttp: false,
    privateAddresses: 'open',
    privateHosts: [],
    tls: { rejectUnauthorized: true },
    ...overrides,
  };
}

export function requestOf(url: string, overrides: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, destination: destinationOf(), limits: LIMITS, ...overrides };
}

export function openClient(options: HttpClientOptions = {}): HttpClient {
  const client = createHttpClient(options);
  onTestFinished(() => client.close());
  return client;
}

/** @returns `http://127.0.0.1:<port>` */
export async function serveHttp(handler: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(handler))}`;
}

/** @returns `https://127.0.0.1:<port>` */
export async function serveHttps(options: ServerOptions, handler: RequestListener): Promise<string> {
  return `https://127.0.0.1:${await listen(createTlsServer(options, handler))}`;
}

/** Bytes by hand, for answers that no HTTP library would send. */
export async function serveSocket(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

/**
 * Bytes by hand inside TLS; the bare connection comes along, for only that can be reset.
 * @returns `https://127.0.0.1:<port>`
 */
export async function serveTlsSocket(
  options: SecureContextOptions,
  onSecure: (socket: TLSSocket, bare: Socket) => void,
): Promise<string> {
  const secureContext = createSecureContext(options);
  const origin = await serveSocket((bare) => {
    const socket = new TLSSocket(bare, { isServer: true, secureContext });
    socket.on('error', () => undefined).once('secure', () => onSecure(socket, bare));
  });
  return origin.replace('http:', 'https:');
}

/** The failure of a request that must fail. */
export async function failureOf(answer: Promise<unknown>): Promise<HttpFailure> {
  try {
    await answer;
  } catch (error) {
    return error as HttpFailure;
  }
  throw new Error('The request was answered, but should have failed.');
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
