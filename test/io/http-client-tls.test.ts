import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DestinationTls } from '../../src/kernel/http-client.ts';
import { destinationOf, failureOf, openClient, requestOf, serveHttps } from './http-client-servers.ts';
import { createCertificate } from './self-signed-certificate.ts';
import type { Certificate } from './self-signed-certificate.ts';

let authority: Certificate;
let server: Certificate;
let client: Certificate;

beforeAll(() => {
  authority = createCertificate({ commonName: 'Everbearer test authority' });
  server = createCertificate({ commonName: 'server', names: ['127.0.0.1', 'localhost'], issuer: authority });
  client = createCertificate({ commonName: 'client', issuer: authority });
});

const withTls = (tls: Partial<DestinationTls>): ReturnType<typeof destinationOf> =>
  destinationOf({ hosts: ['127.0.0.1', 'localhost', 'elsewhere.test'], tls: { rejectUnauthorized: true, ...tls } });

describe('the server certificate', () => {
  test.each<[title: string, tls: () => Partial<DestinationTls>]>([
    ['is accepted from the authority of the integration', () => ({ ca: authority.cert })],
    ['is not looked at when a person said so', () => ({ rejectUnauthorized: false })],
  ])('%s', async (_title, tls) => {
    const origin = await serveHttps(server, (_request, response) => response.end('ok'));
    const answer = await openClient().request(requestOf(origin, { destination: withTls(tls()) }));
    expect(answer.status).toBe(200);
  });

  test.each<[title: string, url: (origin: string) => string, certificate: () => Certificate]>([
    ['of an unknown authority', (origin) => origin, () => createCertificate({ commonName: 'x', names: ['127.0.0.1'] })],
    [
      'that has expired',
      (origin) => origin,
      () => createCertificate({ commonName: 'x', names: ['127.0.0.1'], issuer: authority, notAfter: Date.now() - 1e7 }),
    ],
    [
      'for another name',
      (origin) => origin,
      () => createCertificate({ commonName: 'x', names: ['other.test'], issuer: authority }),
    ],
  ])('%s is refused before a byte of the request is sent', async (_title, url, certificate) => {
    let calls = 0;
    const origin = await serveHttps(certificate(), (_request, response) => response.end(String(++calls)));
    const request = requestOf(url(origin), { destination: withTls({ ca: authority.cert }) });
    const failure = await failureOf(openClient().request(request));
    expect(failure).toMatchObject({ kind: 'tls', sent: false, origin });
    expect(calls).toBe(0);
  });

  test("is expected for the URL's host, whatever the Host header says", async () => {
    const elsewhere = createCertificate({ commonName: 'x', names: ['elsewhere.test'], issuer: authority });
    const origin = (await serveHttps(elsewhere, (_request, response) => response.end('ok'))).replace(
      '127.0.0.1',
      'localhost',
    );
    const destination = withTls({ ca: authority.cert });
    const request = requestOf(origin, { destination, headers: { host: 'elsewhere.test' } });
    expect(await failureOf(openClient().request(request))).toMatchObject({ kind: 'tls', sent: false });
  });
});

describe('the client certificate', () => {
  const serve = (): Promise<string> =>
    serveHttps({ ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true }, (request, response) =>
      response.end(request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject.CN : ''),
    );

  test('is shown where the integration has one', async () => {
    const destination = withTls({ ca: authority.cert, certificate: client.cert, key: client.key });
    const answer = await openClient().request(requestOf(await serve(), { destination }));
    expect(Buffer.from(answer.body).toString()).toBe('client');
  });

  test('that is missing fails the request', async () => {
    const failure = await failureOf(
      openClient().request(requestOf(await serve(), { destination: withTls({ ca: authority.cert }) })),
    );
    expect(['tls', 'reset']).toContain(failure.kind);
  });

  test('that cannot be read fails the request without being shown', async () => {
    const destination = withTls({ certificate: 'hunter2', key: 'hunter3' });
    const failure = await failureOf(openClient().request(requestOf('https://127.0.0.1:1/', { destination })));
    expect(failure).toMatchObject({ kind: 'tls', sent: false });
    expect(`${failure.message} ${String(failure.cause)}`).not.toMatch(/hunter/);
  });
});
