/** No answer, or more of one than anybody wants: the class, what is told, and what it costs. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { LookupFunction, Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../../src/demo/fault.ts';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import type { ExchangeFailure, ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import type { HttpClientOptions } from '../../src/io/http-client.ts';
import { HttpFailure, type HttpFailureKind } from '../../src/kernel/http-client.ts';
import { LIMITS, NOW, PASSWORD, requestOf } from '../exchange/support/exchange-runs.ts';
import { destinationOf, openClient, serveHttps, serveSocket } from '../io/http-client-servers.ts';
import { createCertificate } from '../io/self-signed-certificate.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { failureOf, openTokenEndpoint, shownOf, tokenOf } from './support/token-endpoint.ts';

type Class = ExchangeFailure['class'];

const REFRESH = { phase: 'refresh', token: { refresh_token: 'rt-0123456789' } } as const;
const SECRETS = [PASSWORD.client_secret, PASSWORD.password, REFRESH.token.refresh_token, btoa('my-app:correct')];

/** A sign-in and a refresh at that URL. */
async function bothAt(
  token_url: string,
  options: HttpClientOptions = {},
  more: Partial<ExchangeRequest> = {},
): Promise<readonly ExchangeFailure[]> {
  const http = openClient(options);
  const run = (request: Partial<ExchangeRequest>): Promise<ExchangeOutcome> =>
    runExchange(
      requestOf({ exchange: readyExchange('password'), inputs: { ...PASSWORD, token_url }, ...more, ...request }),
      { http, clock: createVirtualClock(NOW) },
    );
  return [failureOf(await run({})), failureOf(await run(REFRESH))];
}

const resolverThatSays =
  (code: string): LookupFunction =>
  (name, _options, done) =>
    done(Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code }), []);

interface Incident {
  readonly url: () => Promise<string>;
  readonly options?: HttpClientOptions;
  readonly more?: () => Partial<ExchangeRequest>;
}

const authority = createCertificate({ commonName: 'authority' });
const expired = createCertificate({
  commonName: 'x',
  names: ['127.0.0.1'],
  issuer: authority,
  notAfter: Date.now() - 86_400_000,
});
const trusting = { destination: destinationOf({ tls: { rejectUnauthorized: true, ca: authority.cert } }) };

describe('test 27: no connection, no trust, no way through', () => {
  test.each<readonly [what: string, incident: Incident, told: Partial<ExchangeFailure>, advice: RegExp]>([
    ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ESERVFAIL'].map(
      (code) =>
        [
          `the resolver says ${code}`,
          { url: async () => 'https://as.example.com/token', options: { lookup: resolverThatSays(code) } },
          { class: 'transient', error: 'dns', sent: false },
          /Check token_url/,
        ] as const,
    ),
    [
      'the connection is refused',
      { url: async () => 'http://127.0.0.1:1/token' },
      { class: 'transient', error: 'connect', sent: false },
      /check token_url/,
    ],
    [
      'the certificate has expired',
      { url: () => serveHttps(expired, (_request, response) => response.end()), more: () => trusting },
      { class: 'configuration', error: 'tls', sent: false },
      /expired.*set tls\.ca/,
    ],
    [
      'the authority is not known',
      { url: () => serveHttps(expired, (_request, response) => response.end()) },
      { class: 'configuration', error: 'tls', sent: false },
      /unknown authority/,
    ],
    [
      'the handshake fails',
      {
        url: async () =>
          (await serveSocket((socket) => void socket.once('data', () => socket.end('no TLS here')))).replace(
            'http:',
            'https:',
          ),
      },
      { class: 'transient', error: 'tls', sent: false },
      /check token_url/,
    ],
  ])('test 27: %s', async (_what, { url, options, more }, told, advice) => {
    const token_url = await url();
    for (const failure of await bothAt(token_url, options, more?.())) {
      expect(failure).toMatchObject({ ...told, origin: new URL(token_url).origin });
      expect(failure).not.toHaveProperty('status');
      expect(failure.message).toMatch(advice);
      for (const secret of SECRETS) expect(shownOf(failure)).not.toContain(secret);
    }
  });

  test('test 27: 407 of a proxy on the way', async () => {
    const { provider, signIn, refresh } = await openTokenEndpoint();
    provider.script({ name: 'status', status: 407, times: 2, headers: { 'proxy-authenticate': 'Basic' } });
    for (const failure of [failureOf(await signIn()), failureOf(await refresh('rt-0123456789'))]) {
      expect(failure).toMatchObject({ class: 'configuration', error: 'http_407', status: 407 });
      expect(failure.message).toMatch(/A proxy on the way wants credentials/);
      for (const secret of [DEFAULT_CLIENT.client_secret, DEFAULT_USER.password, 'rt-0123456789'])
        expect(shownOf(failure)).not.toContain(secret);
    }
  });

  test.each<readonly [HttpFailureKind, boolean, string | undefined, Class, Class]>([
    ['egress', false, undefined, 'egress', 'egress'],
    ['dns', false, undefined, 'transient', 'transient'],
    ['connect', false, undefined, 'transient', 'transient'],
    ['tls', false, undefined, 'transient', 'transient'],
    ['tls', false, 'EPROTO', 'transient', 'transient'],
    ['tls', false, 'CERT_HAS_EXPIRED', 'configuration', 'configuration'],
    ['tls', false, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration', 'configuration'],
    ['tls', false, 'SELF_SIGNED_CERT_IN_CHAIN', 'configuration', 'configuration'],
    ['tls', false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'configuration', 'configuration'],
    ['tls', false, 'ERR_TLS_CERT_ALTNAME_INVALID', 'configuration', 'configuration'],
    ['tls', true, undefined, 'transient', 'in_doubt'],
    ['timeout', false, undefined, 'transient', 'transient'],
    ['timeout', true, undefined, 'transient', 'in_doubt'],
    ['reset', true, undefined, 'transient', 'in_doubt'],
    ['too_large', true, undefined, 'transient', 'in_doubt'],
    ['encoding', true, undefined, 'transient', 'in_doubt'],
    ['protocol', true, undefined, 'transient', 'in_doubt'],
    ['aborted', false, undefined, 'transient', 'transient'],
    ['aborted', true, undefined, 'transient', 'in_doubt'],
  ])('test 27: %s, sent %s, %s: login %s, refresh %s (F8, F9, F38)', async (kind, sent, code, login, refresh) => {
    const cause = code === undefined ? undefined : Object.assign(new Error('x'), { code });
    const origin = 'https://as.example.com';
    const thrown = new HttpFailure(kind, `${origin} did not answer.`, { sent, origin, ...(cause && { cause }) });
    const http = { request: () => Promise.reject(thrown), close: async () => {} };
    const run = async (more: Partial<ExchangeRequest>): Promise<ExchangeFailure> =>
      failureOf(
        await runExchange(requestOf({ exchange: readyExchange('password'), inputs: PASSWORD, ...more }), {
          http,
          clock: createVirtualClock(NOW),
        }),
      );
    const got = await run({});
    expect(got).toMatchObject({ class: login, error: kind, sent, origin, step: 'token' });
    expect(got).not.toHaveProperty('status');
    expect((await run(REFRESH)).class).toBe(refresh);
  });
});

const KIB = 1024;
const MIB = 1024 * KIB;
/** What a token answer may have; `everbearer.ts` sets it. */
const MAX_RESPONSE_BYTES = MIB;

/** Connections of the client that this test opens to the origin. */
function connectionsTo(origin: string): readonly Socket[] {
  const sockets: Socket[] = [];
  const onConnected = (message: unknown): void => {
    const { connectParams, socket } = message as { connectParams: { host: string }; socket: Socket };
    if (origin.endsWith(connectParams.host)) sockets.push(socket);
  };
  subscribe('undici:client:connected', onConnected);
  onTestFinished(() => void unsubscribe('undici:client:connected', onConnected));
  return sockets;
}

/** Highest memory outside the heap while bytes arrive, above what it was before. */
function watchMemory(): () => number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { arrayBuffers } = process.memoryUsage();
  let peak = 0;
  const look = (): void => void (peak = Math.max(peak, process.memoryUsage().arrayBuffers - arrayBuffers));
  subscribe('undici:request:bodyChunkReceived', look);
  onTestFinished(() => void unsubscribe('undici:request:bodyChunkReceived', look));
  return () => peak;
}

describe('test 34: a huge answer', () => {
  test.each<readonly [what: string, fault: Fault, error: string]>([
    ['50 MB', { name: 'huge' }, 'too_large'],
    ['50 MB that gzip makes small', { name: 'gzip', bytes: 50 * MIB }, 'too_large'],
    ['50 MB that br makes small', { name: 'br', bytes: 50 * MIB }, 'too_large'],
  ])('test 34: %s: given up at the limit, typed, in little memory', async (_what, fault, error) => {
    const { provider, signIn, refresh } = await openTokenEndpoint();
    const { refresh_token = '' } = tokenOf(await signIn());
    const sockets = connectionsTo(provider.origin);
    provider.script({ ...fault, times: 2 });
    const limits = { ...LIMITS, maxResponseBytes: MAX_RESPONSE_BYTES };
    const failures = [failureOf(await signIn({ limits })), failureOf(await refresh(refresh_token, { limits }))];
    expect(failures.map((failure) => failure.class)).toEqual(['transient', 'in_doubt']);
    for (const failure of failures) {
      expect(failure).toMatchObject({ error, status: 200, contentType: 'application/json', sent: true });
      expect(failure.message).toMatch(/answered 200, but too_large.*1048576 bytes.*check token_url/);
    }
    expect(sockets).toHaveLength(2);
    // The head of the answer and the framing of its chunks come on top.
    for (const { bytesRead } of sockets) expect(bytesRead).toBeLessThanOrEqual(MAX_RESPONSE_BYTES + 64 * KIB + 2 * KIB);
  });

  test('test 34: many of them at once take less than 2 MiB each', async () => {
    const REQUESTS = 16;
    const { provider, signIn } = await openTokenEndpoint();
    provider.script({ name: 'huge', times: 'always' });
    const limits = { ...LIMITS, maxResponseBytes: MAX_RESPONSE_BYTES };
    const peak = watchMemory();
    const outcomes = await Promise.all(Array.from({ length: REQUESTS }, () => signIn({ limits })));
    expect(outcomes.map((outcome) => failureOf(outcome).error)).toEqual(outcomes.map(() => 'too_large'));
    expect(peak()).toBeGreaterThan(0);
    expect(peak() / REQUESTS).toBeLessThan(2 * MIB);
  });
});

describe('test 34: a slow answer', () => {
  test.each<readonly [what: string, fault: Fault, status: number | undefined]>([
    ['a byte a second', { name: 'drip', delayMs: 1_000 }, 200],
    ['nothing at all', { name: 'never' }, undefined],
  ])('test 34: %s: the deadline is kept', async (_what, fault, status) => {
    const { provider, signIn, refresh } = await openTokenEndpoint();
    const { refresh_token = '' } = tokenOf(await signIn());
    provider.script({ ...fault, times: 2 });
    const limits = { ...LIMITS, totalMs: 250 };
    const started = performance.now();
    const failures = [failureOf(await signIn({ limits })), failureOf(await refresh(refresh_token, { limits }))];
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(failures.map((failure) => failure.class)).toEqual(['transient', 'in_doubt']);
    for (const failure of failures) {
      expect(failure).toMatchObject({ error: 'timeout', sent: true });
      expect(failure.status).toBe(status);
    }
    // The connection is closed: the provider has nobody to answer.
    await expect.poll(() => provider.counters().inFlight).toBe(0);
  });
});

describe('F9: a token request', () => {
  test('has a connection of its own, which a server that drops idle ones cannot take from it', async () => {
    const { provider, signIn, refresh } = await openTokenEndpoint({ keepAliveTimeoutMs: 1 });
    const sockets = connectionsTo(provider.origin);
    let { refresh_token = '' } = tokenOf(await signIn());
    for (let count = 0; count < 50; count += 1) ({ refresh_token = '' } = tokenOf(await refresh(refresh_token)));
    expect(sockets).toHaveLength(51);
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
    expect(provider.counters()).toMatchObject({ issued: 51, replays: 0 });
  });

  test('is asked for its last word at each step, when the connection stands', async () => {
    const { provider, signIn } = await openTokenEndpoint();
    const sockets = connectionsTo(provider.origin);
    const seen: number[] = [];
    const mayStart = (): boolean => seen.push(sockets.length) > 0;
    await signIn({ mayStart });
    expect(seen).toEqual([1]);
    expect(failureOf(await signIn({ mayStart: () => false }))).toMatchObject({ error: 'aborted', sent: false });
    expect(provider.counters().tokenRequests).toBe(1);
  });
});
