/** Every shape of login that is known, expressed as a document of examples/exchanges and run against a server that wants exactly that. */
import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyToken } from '../../src/exchange/apply-token.ts';
import type { ExchangedToken, ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { parseExchange } from '../../src/exchange/parse-exchange.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { createSigner } from '../../src/io/signer.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import type { Json } from '../../src/kernel/json.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { LIMITS, LOOPBACK, NOW } from './support/exchange-runs.ts';
import { sendJson, startWireServer, type WireServer } from './support/wire-server.ts';

const folder = join(import.meta.dirname, '../../examples/exchanges');
const examples = new Map(
  readdirSync(folder).map((file) => {
    const exchange = parseExchange(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return [exchange.id, exchange];
  }),
);
const tested = new Set<string>();
const example = (id: string): Exchange => {
  tested.add(id);
  const exchange = examples.get(id);
  if (exchange === undefined) throw new Error(`no example ${id}`);
  return exchange;
};

let server: WireServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startWireServer();
  http = createHttpClient();
});
afterAll(async () => {
  await http.close();
  await server.close();
});

const run = (
  id: string,
  inputs: Readonly<Record<string, Json>>,
  more: Partial<ExchangeRequest> = {},
): Promise<ExchangeOutcome> =>
  runExchange(
    {
      exchange: example(id),
      phase: 'acquire',
      inputs: { base_url: server.url, username: 'alice', password: 'p"&<w', ...inputs },
      destination: LOOPBACK,
      limits: LIMITS,
      ...more,
    },
    { http, clock: createVirtualClock(NOW), signer: createSigner() },
  );

const tokenOf = (outcome: ExchangeOutcome): ExchangedToken => {
  if (!outcome.ok) throw new Error(outcome.failure.message);
  return outcome.token;
};

const date = { date: new Date(NOW).toUTCString() };
const claimsOf = (jwt: string): unknown => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
const headerOf = (jwt: string): unknown => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString());

test('JSON user and password, token at some path', async () => {
  server.answer((_request, response) => sendJson(response, { jwt: 't' }));
  expect(tokenOf(await run('json_login', {}))).toMatchObject({ access_token: 't', lifetime: { source: 'unknown' } });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ username: 'alice', password: 'p"&<w' });
});

test('Basic authentication, empty body; the expiry is an instant', async () => {
  server.answer((_request, response) =>
    sendJson(response, { token: 't', expires: '2026-01-02T03:34:05.000Z' }, 200, date),
  );
  expect(tokenOf(await run('basic_empty_body', {}))).toMatchObject({
    access_token: 't',
    lifetime: { source: 'configured', ms: 1_800_000 },
  });
  expect(server.requests[0]).toMatchObject({ body: '', headers: { authorization: `Basic ${btoa('alice:p"&<w')}` } });
});

test('static header and JSON body; the header goes on every request too; a fixed lifetime', async () => {
  server.answer((_request, response) => sendJson(response, { AccessToken: 't' }));
  const token = tokenOf(await run('header_and_json', { api_key: 'k1' }));
  expect(token.lifetime).toEqual({ source: 'configured', ms: 1_200_000 });
  expect(server.requests[0]).toMatchObject({ headers: { 'x-api-key': 'k1' } });
  expect(applyToken(example('header_and_json'), token, { api_key: 'k1' }).headers).toEqual({
    'X-Api-Key': 'k1',
    'X-Session': 't',
  });
});

test('GET with a signature in headers; the whole body is the token', async () => {
  server.answer((_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('tok.en\n'));
  expect(tokenOf(await run('signed_get', { app_id: 'a1', secret: 's1' })).access_token).toBe('tok.en');
  const { headers, method, body } = server.requests[0] ?? {};
  expect([method, body]).toEqual(['GET', '']);
  const plain = `${String(headers?.['x-req-id'])}a12026-01-02T03:04:05Zs1`;
  expect(headers?.['x-sig']).toBe(createHash('sha256').update(btoa(plain)).digest('hex'));
});

describe('XML request and answer', () => {
  const inputs = { sender: 'snd', sender_password: 'sp<&', company: 'ACME' };
  const answer = (result: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?><response><operation><authentication><sessiontimeout>2026-01-02T04:04:05+00:00</sessiontimeout></authentication><result>${result}</result></operation></response>`;

  test('values are escaped; the token lies deep', async () => {
    const result =
      '<status>success</status><data><api><sessionid>s1</sessionid><endpoint>https://e</endpoint></api></data>';
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/xml', ...date }).end(answer(result)),
    );
    expect(tokenOf(await run('xml_session', inputs))).toMatchObject({
      access_token: 's1',
      extra: { endpoint: 'https://e' },
      lifetime: { ms: 3_600_000 },
    });
    expect(server.requests[0]).toMatchObject({ headers: { 'content-type': 'application/xml' } });
    expect(server.requests[0]?.body).toContain('<password>sp&lt;&amp;</password>');
    expect(server.requests[0]?.body).toContain('<password>p&quot;&amp;&lt;w</password>');
  });

  test('a refusal comes with 200', async () => {
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end(answer('<status>failure</status>')),
    );
    expect(await run('xml_session', inputs)).toMatchObject({ failure: { class: 'credentials', error: 'refused' } });
  });
});

test('GraphQL', async () => {
  server.answer((request, response) => {
    const { variables } = JSON.parse(request.body) as { readonly variables: Readonly<Record<string, string>> };
    sendJson(response, {
      data: { signIn: variables['p'] === 'p"&<w' ? { data: { jwt: 't' }, error: null } : { data: null, error: 'no' } },
    });
  });
  expect(tokenOf(await run('graphql_login', {})).access_token).toBe('t');
  expect(await run('graphql_login', { password: 'wrong-one' })).toMatchObject({
    failure: { class: 'credentials', message: expect.stringContaining('"no"') },
  });
  server.answer((_request, response) => sendJson(response, { errors: [{ message: 'Unknown type' }] }));
  expect(await run('graphql_login', {})).toMatchObject({ failure: { class: 'configuration' } });
});

test('session cookies, their time-out in minutes, and the log-out', async () => {
  server.answer((_request, response) =>
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': ['B1SESSION=b1; HttpOnly', 'ROUTEID=.node1; path=/b1s'],
      })
      .end('{"SessionTimeout":30}'),
  );
  const token = tokenOf(await run('cookie_session', { company: 'DB' }));
  expect(token).toMatchObject({ access_token: 'b1', extra: { route: '.node1' }, lifetime: { ms: 1_800_000 } });
  expect(applyToken(example('cookie_session'), token).cookies).toEqual({ B1SESSION: 'b1', ROUTEID: '.node1' });
  await run('cookie_session', { company: 'DB' }, { phase: 'end', token });
  expect(server.requests.at(-1)).toMatchObject({
    path: '/b1s/v1/Logout',
    headers: { cookie: 'B1SESSION=b1; ROUTEID=.node1' },
  });
});

describe('an assertion, then the exchange', () => {
  test('RS256, as for a service account', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    server.answer((_request, response) =>
      sendJson(response, { access_token: 't', token_type: 'Bearer', expires_in: 3_599 }),
    );
    const inputs = { client_email: 'sa@x', private_key: key, scope: 's', token_url: server.url };
    expect(tokenOf(await run('jwt_bearer', inputs)).lifetime).toEqual({ source: 'expires_in', ms: 3_599_000 });
    const form = new URLSearchParams(server.requests[0]?.body);
    const assertion = form.get('assertion') ?? '';
    const iat = Math.floor(NOW / 1_000);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(headerOf(assertion)).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(claimsOf(assertion)).toMatchObject({
      iss: 'sa@x',
      aud: server.url,
      iat,
      exp: iat + 3_600,
      jti: expect.any(String),
    });
    const [signed, signature] = [assertion.slice(0, assertion.lastIndexOf('.')), assertion.split('.')[2] ?? ''];
    expect(createVerify('sha256').update(signed).verify(publicKey, signature, 'base64url')).toBe(true);
  });

  test('ES256, as a client assertion (private_key_jwt)', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    server.answer((_request, response) => sendJson(response, { error: 'invalid_client' }, 401));
    const inputs = { client_id: 'c1', private_key: key, key_id: 'k1', audience: 'https://as', token_url: server.url };
    expect(await run('private_key_jwt', inputs)).toMatchObject({
      failure: { class: 'configuration', error: 'invalid_client' },
    });
    const assertion = new URLSearchParams(server.requests[0]?.body).get('client_assertion') ?? '';
    expect(headerOf(assertion)).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k1' });
    const [signed, signature] = [assertion.slice(0, assertion.lastIndexOf('.')), assertion.split('.')[2] ?? ''];
    const verified = createVerify('sha256')
      .update(signed)
      .verify({ key: publicKey, dsaEncoding: 'ieee-p1363' }, signature, 'base64url');
    expect(verified).toBe(true);
  });

  test('a key of another kind is told before anything is sent', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    const inputs = { client_email: 'sa@x', private_key: key, scope: 's', token_url: server.url };
    expect(await run('jwt_bearer', inputs)).toMatchObject({
      failure: {
        class: 'configuration',
        sent: false,
        message: expect.stringContaining('RS256 needs a private RSA key'),
      },
    });
  });
});

test('discovery first: the URL of the second step is an output of the first', async () => {
  server.answer((request, response) =>
    request.method === 'GET'
      ? sendJson(response, { token_endpoint: `${server.url}/as/token?tenant=a%20b` })
      : sendJson(response, { access_token: 't', refresh_token: 'rt', expires_in: 60 }),
  );
  expect(tokenOf(await run('discovery_first', { client_id: 'c1' }))).toMatchObject({
    access_token: 't',
    refresh_token: 'rt',
  });
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/.well-known/openid-configuration',
    '/as/token?tenant=a%20b',
  ]);
  server.answer((_request, response) => sendJson(response, { token_endpoint: 'https://evil.example/token' }));
  expect(await run('discovery_first', { client_id: 'c1' })).toMatchObject({
    failure: { class: 'egress', step: 'token', origin: 'https://evil.example' },
  });
});

test('a refresh endpoint of its own, with its own body and path', async () => {
  server.answer((request, response) =>
    request.path === '/Authorization'
      ? sendJson(response, { Token: 't1', RefreshToken: 'r1' })
      : request.body === '{"RefreshToken":"r1"}'
        ? sendJson(response, { NewToken: 't2', RefreshToken: 'r2' })
        : sendJson(response, { message: 'no' }, 401),
  );
  const first = tokenOf(await run('separate_refresh', {}));
  const again = tokenOf(await run('separate_refresh', {}, { phase: 'refresh', token: first }));
  expect([first.refresh_token, again.access_token, again.refresh_token]).toEqual(['r1', 't2', 'r2']);
  const dead = await run('separate_refresh', {}, { phase: 'refresh', token: again });
  expect(dead).toMatchObject({ failure: { class: 'refresh_token', status: 401 } });
});

test('refresh at the same URL with the header swapped: the access token is the refresh token', async () => {
  server.answer((request, response) =>
    sendJson(response, { token: request.path === '/login' ? 't1' : `${String(request.headers.authorization)}+` }),
  );
  const first = tokenOf(await run('token_refreshes_itself', {}));
  expect(tokenOf(await run('token_refreshes_itself', {}, { phase: 'refresh', token: first }))).toMatchObject({
    access_token: 'Bearer t1+',
    refresh_token: 'Bearer t1+',
  });
});

test('the refresh token is the credential, and the token lies deep', async () => {
  server.answer((request, response) =>
    sendJson(
      response,
      request.path.endsWith('refreshToken=r%261')
        ? { response: true, data: { token: { access_token: 't', expires_in: 604_800 } } }
        : { response: false },
    ),
  );
  expect(tokenOf(await run('fixed_refresh_token', { refresh_token: 'r&1' }))).toMatchObject({
    access_token: 't',
    lifetime: { ms: 604_800_000 },
  });
  expect(await run('fixed_refresh_token', { refresh_token: 'wrong' })).toMatchObject({
    failure: { class: 'credentials' },
  });
});

test('a login of two steps: both give what the token needs; half of one is logged out again', async () => {
  server.answer((request, response) =>
    request.path === '/login'
      ? sendJson(response, {}, 200, { 'x-session': 'S1' })
      : sendJson(response, { token: 't', lifetime: 3_600 }),
  );
  expect(tokenOf(await run('two_step_login', {}))).toMatchObject({
    access_token: 't',
    extra: { session: 'S1' },
    lifetime: { ms: 3_600_000 },
  });
  expect(server.requests.map(({ path }) => path)).toEqual(['/login', '/tokens']);
  server.answer((request, response) =>
    request.path === '/login'
      ? sendJson(response, {}, 200, { 'x-session': 'S2' })
      : sendJson(response, {}, request.path === '/logout' ? 200 : 503),
  );
  expect(await run('two_step_login', {})).toMatchObject({ failure: { step: 'token', error: 'http_503' } });
  expect(server.requests.at(-1)).toMatchObject({ path: '/logout', headers: { 'x-session': 'S2' } });
});

test('every example is tested here', () => {
  expect([...examples.keys()].filter((id) => !tested.has(id))).toEqual([]);
});
