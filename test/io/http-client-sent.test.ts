/** F8, F9: `sent` decides whether a refresh token is in doubt, so it is held to what a real server has seen, at every point where a request can end. */
import type { Socket } from 'node:net';
import type { SecureVersion } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpFailureKind, HttpRequest } from '../../src/kernel/http-client.ts';
import {
  destinationOf,
  failureOf,
  LIMITS,
  openClient,
  requestOf,
  serveHttps,
  serveSocket,
  serveTlsSocket,
} from './http-client-servers.ts';
import { createCertificate } from './self-signed-certificate.ts';

type Ending = 'end' | 'destroy' | 'resetAndDestroy';
const ENDINGS: readonly Ending[] = ['end', 'destroy', 'resetAndDestroy'];

const authority = createCertificate({ commonName: 'authority' });
const certificate = createCertificate({ commonName: 'server', names: ['127.0.0.1'], issuer: authority });
const destination = destinationOf({ tls: { rejectUnauthorized: true, ca: authority.cert } });

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest =>
  requestOf(url, { destination, method: 'POST', body: 'grant_type=refresh_token', connection: 'new', ...more });

const asHttps = (origin: string): string => origin.replace('http:', 'https:');

describe('before the first byte: not sent', () => {
  const codes = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA', 'ESERVFAIL', 'EAI_ADDRFAMILY', 'EAI_SYSTEM'];
  test.each(codes)('the resolver says %s', async (code) => {
    const client = openClient({
      lookup: (_name, _options, done) => done(Object.assign(new Error(code), { code }), []),
    });
    expect(await failureOf(client.request(post('http://localhost:9/')))).toMatchObject({ kind: 'dns', sent: false });
  });

  test('the connection is refused', async () => {
    expect(await failureOf(openClient().request(post('http://127.0.0.1:1/')))).toMatchObject({
      kind: 'connect',
      sent: false,
    });
  });

  const handshakeFailure = Buffer.from('15030300020228', 'hex');
  const beginnings: readonly (readonly [string, (socket: Socket) => void])[] = [
    ...ENDINGS.map((ending) => [`${ending} at once`, (socket: Socket) => void socket[ending]()] as const),
    ...ENDINGS.map(
      (ending) =>
        [
          `${ending} after the ClientHello`,
          (socket: Socket) => void socket.once('data', () => socket[ending]()),
        ] as const,
    ),
    ['a TLS alert', (socket) => void socket.once('data', () => socket.end(handshakeFailure))],
    ['plain HTTP', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['half a record', (socket) => void socket.once('data', () => socket.end(Buffer.from('160303', 'hex')))],
  ];
  test.each(beginnings)('a TLS handshake met by %s', async (_what, behave) => {
    const failure = await failureOf(openClient().request(post(asHttps(await serveSocket(behave)))));
    expect(failure).toMatchObject({ sent: false });
    expect(['connect', 'tls']).toContain(failure.kind);
  });

  test.each<[string, Partial<Parameters<typeof serveHttps>[0]>, boolean]>([
    ['of an unknown authority', {}, false],
    ['in versions that have nothing in common', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }, true],
    ['without a cipher in common', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, true],
  ])('a TLS handshake %s', async (_what, options, trusted) => {
    let calls = 0;
    const origin = await serveHttps({ ...certificate, ...options }, (_request, response) =>
      response.end(String(++calls)),
    );
    const request = post(origin, trusted ? {} : { destination: destinationOf() });
    expect(await failureOf(openClient().request(request))).toMatchObject({ kind: 'tls', sent: false });
    expect(calls).toBe(0);
  });

  test.each<[string, () => Promise<string>, Parameters<typeof openClient>[0]]>([
    ['the resolver works', async () => 'http://localhost:9/', { lookup: () => undefined }],
    ['the handshake goes on', async () => asHttps(await serveSocket(() => undefined)), {}],
  ])('the caller gives up while %s', async (_when, serve, options) => {
    const origin = await serve();
    const controller = new AbortController();
    const failing = failureOf(openClient(options).request(post(origin, { signal: controller.signal })));
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    expect(await failing).toMatchObject({ kind: 'aborted', sent: false });
  });

  test('the start check says no', async () => {
    let bytes = 0;
    const origin = await serveSocket((socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
    const failure = await failureOf(openClient().request(post(origin, { mayStart: () => false })));
    expect(failure).toMatchObject({ kind: 'aborted', sent: false });
    expect(bytes).toBe(0);
  });
});

describe('after the first byte: sent', () => {
  test.each<[string, SecureVersion, HttpFailureKind[], boolean]>([
    ['with the handshake', 'TLSv1.2', ['tls', 'connect'], false],
    // The client is done with its side before the server has looked at what it showed.
    ['with an alert behind it', 'TLSv1.3', ['tls', 'reset'], true],
  ])('a missing client certificate is told %s (%s)', async (_how, maxVersion, kinds, sent) => {
    const options = { ...certificate, ca: authority.cert, requestCert: true, rejectUnauthorized: true, maxVersion };
    let calls = 0;
    const origin = await serveHttps(options, (_request, response) => response.end(String(++calls)));
    const failure = await failureOf(openClient().request(post(origin)));
    expect(kinds).toContain(failure.kind);
    expect(failure.sent).toBe(sent);
    expect(calls).toBe(0);
  });

  test('the caller gives up', async () => {
    const controller = new AbortController();
    const origin = await serveSocket((socket) => socket.once('data', () => controller.abort()));
    const failure = await failureOf(openClient().request(post(origin, { signal: controller.signal })));
    expect(failure).toMatchObject({ kind: 'aborted', sent: true });
  });

  test('the time is up; what had come of the answer is told', async () => {
    const origin = await serveSocket((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{')),
    );
    const failure = await failureOf(openClient().request(post(origin, { limits: { ...LIMITS, totalMs: 100 } })));
    expect(failure).toMatchObject({
      kind: 'timeout',
      sent: true,
      head: { status: 200, contentType: 'application/json' },
    });
  });
});

interface Incident {
  readonly secure: boolean;
  readonly connection: 'persistent' | 'new';
  /** Bytes of the request that the server reads before it ends the connection; 0: it ends it as soon as it stands. */
  readonly readsBytes: number;
  readonly bodyBytes: number;
  readonly answer: string;
  readonly ending: Ending;
}

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\nhalf of it';

const incident: fc.Arbitrary<Incident> = fc.record({
  secure: fc.boolean(),
  connection: fc.constantFrom('persistent', 'new'),
  readsBytes: fc.constantFrom(0, 1, 20, 150, 5_000, 100_000),
  bodyBytes: fc.constantFrom(0, 10, 4_000, 300_000),
  answer: fc.nat(ANSWER.length).map((length) => ANSWER.slice(0, length)),
  ending: fc.constantFrom(...ENDINGS),
});

/** @returns how many bytes of the request the server has got */
async function cause({ secure, connection, readsBytes, bodyBytes, answer, ending }: Incident): Promise<{
  readonly sent: boolean;
  readonly got: number;
}> {
  let got = 0;
  const behave = (socket: Socket, bare = socket): void => {
    const close = (): unknown => (ending === 'resetAndDestroy' ? bare : socket)[ending]();
    const stop = (): unknown => (answer === '' ? close() : socket.write(answer, close));
    if (readsBytes === 0) stop();
    socket.on('data', (chunk) => {
      const before = got;
      got += chunk.length;
      // The whole request, or as much as it wanted of it.
      const enough = Math.min(readsBytes, bodyBytes + 50);
      if (before < enough && got >= enough) stop();
    });
  };
  const origin = await (secure ? serveTlsSocket(certificate, behave) : serveSocket(behave));
  const body = 'x'.repeat(bodyBytes);
  const failure = await failureOf(openClient().request(post(origin, { connection, body })));
  return { sent: failure.sent, got };
}

test('wherever a server ends the connection: what it has got any byte of was sent', async () => {
  await fc.assert(
    fc.asyncProperty(incident, async (settings) => {
      const { sent, got } = await cause(settings);
      if (got > 0) expect(sent).toBe(true);
      if (settings.readsBytes > 0) expect(got).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});
