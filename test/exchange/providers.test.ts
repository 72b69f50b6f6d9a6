/** The providers that we ship, each against a server that answers as the provider is documented to. */
import { createPrivateKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyToken } from '../../src/exchange/apply-token.ts';
import type { ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { PresentedToken } from '../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { stepOrigins } from '../../src/exchange/step-origins.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { createSigner } from '../../src/io/signer.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import type { Json } from '../../src/kernel/json.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { jwtWith, LIMITS, LOOPBACK, NOW } from './support/exchange-runs.ts';
import { sendJson, startWireServer, type WireServer } from './support/wire-server.ts';

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

/** The answer's own clock is the virtual one: nothing depends on when a test runs. */
const DATE = { date: new Date(NOW).toUTCString() };

const run = (
  id: string,
  inputs: Readonly<Record<string, Json>>,
  phase: 'acquire' | 'end' = 'acquire',
  token?: PresentedToken,
): Promise<ExchangeOutcome> =>
  runExchange(
    {
      exchange: readyExchange(id),
      phase,
      inputs,
      destination: LOOPBACK,
      limits: LIMITS,
      ...(token === undefined ? {} : { token }),
    },
    { http, clock: createVirtualClock(NOW), signer: createSigner() },
  );

describe('webcrm', () => {
  const inputs = (): Record<string, Json> => ({
    auth_code: '6f9619ff-8b86-d011-b42d-00cf4fc964ff',
    base_url: server.url,
  });

  test('the auth code goes in a header, the token is that of the answer', async () => {
    server.answer((_request, response) =>
      sendJson(response, {
        AccessToken: 'at',
        RefreshToken: 'rt',
        Error: null,
        IsError: false,
        ExpiresIn: 3_600,
        TokenType: 'Bearer',
      }),
    );
    expect(await run('webcrm', inputs())).toMatchObject({
      ok: true,
      token: {
        access_token: 'at',
        token_type: 'Bearer',
        lifetime: { source: 'configured', ms: 3_600_000 },
        refreshBeforeMs: 30_000,
      },
    });
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/Auth/ApiLogin', headers: { authcode: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' } },
    ]);
  });

  test('IsError inside 200 is a refusal, in the provider’s words', async () => {
    server.answer((_request, response) => sendJson(response, { IsError: true, ErrorDescription: 'Unknown auth code' }));
    expect(await run('webcrm', inputs())).toMatchObject({
      ok: false,
      failure: { class: 'credentials', status: 200, message: expect.stringContaining('"Unknown auth code"') },
    });
  });

  test('429 waits as long as it says', async () => {
    server.answer((_request, response) => sendJson(response, { RetryAfterSeconds: 7 }, 429, { 'retry-after': '7' }));
    expect(await run('webcrm', inputs())).toMatchObject({ failure: { class: 'transient', retryAfterMs: 7_000 } });
  });
});

describe('tripletex', () => {
  const inputs = (): Record<string, Json> => ({
    consumer_token: 'consumer=&1',
    employee_token: 'employee 2',
    base_url: `${server.url}/v2/`,
  });

  test('PUT with everything in the query, no Authorization; dead at midnight in Oslo', async () => {
    server.answer((_request, response) =>
      sendJson(response, { value: { token: 'st', expirationDate: '2026-01-04' } }, 201, DATE),
    );
    expect(await run('tripletex', inputs())).toMatchObject({
      ok: true,
      token: { access_token: 'st', lifetime: { source: 'configured', ms: Date.UTC(2026, 0, 3, 23) - NOW } },
    });
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      path: '/v2/token/session/:create?consumerToken=consumer%3D%261&employeeToken=employee+2&expirationDate=2026-01-04',
      body: '',
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('without a date in the answer it is counted to the next midnight', async () => {
    server.answer((_request, response) => sendJson(response, { value: { token: 'st' } }, 200, DATE));
    expect(await run('tripletex', { ...inputs(), ttl: '24h' })).toMatchObject({
      token: { lifetime: { ms: Date.UTC(2026, 0, 2, 23) - NOW } },
    });
    expect(server.requests[0]?.path).toContain('expirationDate=2026-01-03');
  });

  test('409 of concurrent sessions is transient', async () => {
    server.answer((_request, response) => sendJson(response, { message: 'RevisionException' }, 409));
    expect(await run('tripletex', inputs())).toMatchObject({ failure: { class: 'transient', status: 409 } });
  });

  test('a refusal shows neither of the two tokens that were in its URL', async () => {
    server.answer((request, response) => sendJson(response, { message: `bad request ${request.path}` }, 401));
    const outcome = await run('tripletex', inputs());
    expect(outcome).toMatchObject({ failure: { class: 'credentials', origin: server.url } });
    expect(JSON.stringify(outcome)).not.toMatch(/consumer=&1|consumer%3D%261|employee.2/);
  });

  test('the session is ended with its own credentials', async () => {
    server.answer((_request, response) => response.writeHead(204).end());
    expect((await run('tripletex', inputs(), 'end', { access_token: 's/t' })).ok).toBe(true);
    expect(server.requests).toMatchObject([
      { method: 'DELETE', path: '/v2/token/session/s%2Ft', headers: { authorization: `Basic ${btoa('0:s/t')}` } },
    ]);
  });
});

describe('superoffice', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const xml = (): string => {
    const jwk = createPrivateKey(pem).export({ format: 'jwk' }) as Record<string, string>;
    const tags = { Modulus: 'n', Exponent: 'e', P: 'p', Q: 'q', DP: 'dp', DQ: 'dq', InverseQ: 'qi', D: 'd' };
    const numbers = Object.entries(tags).map(
      ([tag, name]) => `<${tag}>${Buffer.from(jwk[name] ?? '', 'base64url').toString('base64')}</${tag}>`,
    );
    return `<RSAKeyValue>${numbers.join('')}</RSAKeyValue>`;
  };
  const inputs = (key: string): Record<string, Json> => ({
    system_token: 'App-hRz1-nqyn',
    client_secret: 'app-token-1',
    private_key: key,
    context_identifier: 'Cust12345',
    login_url: server.url,
  });
  const jwt = jwtWith({
    exp: 1,
    'http://schemes.superoffice.net/identity/ticket': '7T:abc=',
    'http://schemes.superoffice.net/identity/ctx': 'Cust12345',
  });

  test.each([
    ['PEM', () => pem],
    ['PEM with written line breaks', () => pem.replaceAll('\n', '\\n')],
    ['RSAKeyValue XML', xml],
  ])('the system token is signed (%s), the ticket is a claim of the answer', async (_form, key) => {
    server.answer((_request, response) => sendJson(response, { IsSuccessful: true, Token: jwt, ErrorMessage: null }));
    const outcome = await run('superoffice', inputs(key()));
    expect(outcome).toMatchObject({
      ok: true,
      token: { access_token: '7T:abc=', extra: { tenant: 'Cust12345' }, lifetime: { ms: 6 * 3_600_000 } },
    });
    const [request] = server.requests;
    expect(request?.path).toBe('/Login/api/PartnerSystemUser/Authenticate');
    const { SignedSystemToken, ...rest } = JSON.parse(request?.body ?? '') as Record<string, string>;
    expect(rest).toEqual({ ApplicationToken: 'app-token-1', ContextIdentifier: 'Cust12345', ReturnTokenType: 'JWT' });
    const [token, time, signature] = SignedSystemToken?.split('.') ?? [];
    expect([token, time]).toEqual(['App-hRz1-nqyn', '202601020304']);
    expect(
      createVerify('sha256')
        .update(`${token}.${time}`)
        .verify(publicKey, signature ?? '', 'base64'),
    ).toBe(true);
  });

  test('IsSuccessful: false inside 200 is a refusal', async () => {
    server.answer((_request, response) =>
      sendJson(response, { IsSuccessful: false, Token: null, ErrorMessage: 'Not consented' }),
    );
    expect(await run('superoffice', inputs(pem))).toMatchObject({
      failure: { class: 'credentials', message: expect.stringContaining('Not consented') },
    });
  });

  test('a key that can not be read is told before anything is sent', async () => {
    server.answer((_request, response) => sendJson(response, {}));
    const outcome = await run(
      'superoffice',
      inputs('-----BEGIN PRIVATE KEY-----\nMIIsecret\n-----END PRIVATE KEY-----'),
    );
    expect(outcome).toMatchObject({
      failure: { class: 'configuration', sent: false, message: expect.stringContaining('private key cannot be read') },
    });
    expect(JSON.stringify(outcome)).not.toContain('MIIsecret');
    expect(server.requests).toEqual([]);
  });

  test('the environment is its host; the ticket and the application token go on every request', () => {
    expect(stepOrigins(readyExchange('superoffice'), { environment: 'sod' })).toEqual(['https://sod.superoffice.com']);
    expect(
      applyToken(readyExchange('superoffice'), { access_token: '7T:abc=' }, { client_secret: 'app' }).headers,
    ).toEqual({
      Authorization: 'SOTicket 7T:abc=',
      'SO-AppToken': 'app',
    });
  });
});

describe('docuware', () => {
  const inputs = (): Record<string, Json> => ({
    base_url: server.url,
    username: 'peggy',
    password: 'p&w d',
    organization: 'Acme',
  });

  test('form login, the token is a cookie among several', async () => {
    server.answer((_request, response) =>
      response
        .writeHead(200, {
          'set-cookie': ['DWPLATFORMBROWSERID=b1; path=/', '.DWPLATFORMAUTH=A1B2==; path=/; secure; HttpOnly'],
        })
        .end('<html>welcome</html>'),
    );
    expect(await run('docuware', inputs())).toMatchObject({
      ok: true,
      token: { access_token: 'A1B2==', lifetime: { source: 'unknown' } },
    });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/DocuWare/Platform/Account/Logon',
      body: 'UserName=peggy&Password=p%26w+d&Organization=Acme',
      headers: { 'user-agent': 'Everbearer' },
    });
    expect(applyToken(readyExchange('docuware'), { access_token: 'A1B2==' }, inputs())).toEqual({
      headers: { 'User-Agent': 'Everbearer' },
      query: {},
      cookies: { '.DWPLATFORMAUTH': 'A1B2==' },
    });
  });

  test('a 401 for want of a licence is transient, any other is a refusal; both come as HTML', async () => {
    server.answer((_request, response) =>
      response
        .writeHead(401, { 'content-type': 'text/html' })
        .end('<html>None of the registered licenses are available</html>'),
    );
    expect(await run('docuware', inputs())).toMatchObject({ failure: { class: 'transient', error: 'http_401' } });
    server.answer((_request, response) => response.writeHead(401).end('<html>Unauthorized</html>'));
    expect(await run('docuware', inputs())).toMatchObject({ failure: { class: 'credentials', error: 'http_401' } });
  });

  test('the session is logged off', async () => {
    server.answer((_request, response) => response.writeHead(200).end());
    expect((await run('docuware', inputs(), 'end', { access_token: 'A1' })).ok).toBe(true);
    expect(server.requests).toMatchObject([
      { path: '/DocuWare/Platform/Account/Logoff', headers: { cookie: '.DWPLATFORMAUTH=A1' } },
    ]);
  });
});

test('snov.io: GET with the credentials in the query', async () => {
  server.answer((_request, response) =>
    sendJson(response, { access_token: 'at', token_type: 'Bearer', expires_in: 3_600 }),
  );
  const outcome = await run('snov_io', { username: 'a&b', password: 'c d', base_url: server.url });
  expect(outcome).toMatchObject({ ok: true, token: { access_token: 'at' } });
  expect(server.requests).toMatchObject([
    {
      method: 'GET',
      path: '/v1/oauth/access_token?client_id=a%26b&client_secret=c+d&grant_type=client_credentials',
      body: '',
    },
  ]);
});

describe('cellosign', () => {
  test('general: the four members as JSON, the scope as it is written (also the old tuple)', async () => {
    server.answer((_request, response) => sendJson(response, { access_token: 'a%3Db', expires_in: 60 }));
    const inputs = { url: `${server.url}/token`, username: 'u', password: 'p"w', scope: "('read,write',)" };
    expect(await run('cellosign_general', inputs)).toMatchObject({
      ok: true,
      token: { access_token: 'a%3Db', lifetime: { ms: 60_000 } },
    });
    expect(server.requests[0]?.body).toBe(
      '{"username":"u","password":"p\\"w","grant_type":"password","scope":"(\'read,write\',)"}',
    );
  });

  test('Graph: the four members as JSON', async () => {
    server.answer((_request, response) => sendJson(response, { access_token: 'at', expires_in: 60 }));
    const inputs = { url: server.url, client_id: 'i', client_secret: 's', scope: 'read,write', grant_type: 'password' };
    expect((await run('cellosign_graph', inputs)).ok).toBe(true);
    expect(server.requests[0]?.body).toBe(
      '{"client_id":"i","client_secret":"s","scope":"read,write","grant_type":"password"}',
    );
  });
});
