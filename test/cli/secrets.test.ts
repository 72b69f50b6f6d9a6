/** No verb but `token get` prints a secret, whatever happens, and none stands readable in the store. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startProvider, type Provider } from '../../src/demo/provider.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import { canary } from '../product/product-under-test.ts';
import { runCliProcess, temporaryFolder, type CliResult } from './support/cli-process.ts';

// Each of these tests is many processes.
vi.setConfig({ testTimeout: 60_000 });

const SECRETS = {
  client_secret: canary('client-secret'),
  password: canary('password'),
  apiKey: canary('api-key'),
  queryKey: canary('query-key'),
  basic: canary('basic'),
  bearer: canary('bearer'),
  tlsKey: canary('tls-key'),
  accessByHand: canary('access'),
  refreshByHand: canary('refresh'),
  refreshReceived: canary('received'),
  exchangeInput: canary('exchange'),
};
const SCHEMES = {
  oauth: {
    type: 'oauth2',
    flows: { password: { tokenUrl: 'https://login.example/token', scopes: {} } },
  },
  key: { type: 'apiKey', in: 'header', name: 'X-Key' },
  queryKey: { type: 'apiKey', in: 'query', name: 'key' },
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'bearer' },
  custom: { type: 'apiKey', in: 'header', name: 'X-Custom' },
};
const operation = (scheme: string): object => ({
  get: { operationId: scheme, security: [{ [scheme]: [] }], responses: { 200: { description: 'ok' } } },
});
const DOCUMENT = {
  openapi: '3.0.3',
  info: { title: 'Canaries', version: '1' },
  servers: [{ url: 'https://api.example' }],
  security: [{ oauth: [] }],
  paths: Object.fromEntries(Object.keys(SCHEMES).map((scheme) => [`/${scheme}`, operation(scheme)])),
  components: { securitySchemes: SCHEMES },
};

let provider: Provider;
let api: Server;
let cwd: string;
const statuses: number[] = [];
const told: { readonly command: string; readonly text: string }[] = [];

async function everbearer(args: readonly string[], stdin?: string): Promise<CliResult> {
  const run = await runCliProcess(args, { cwd, ...(stdin === undefined ? {} : { stdin }) });
  told.push({ command: args.join(' '), text: run.stdout + run.stderr });
  return run;
}

/** As people see it and as programs do. */
async function bothWays(...args: readonly string[]): Promise<readonly CliResult[]> {
  return [await everbearer(args), await everbearer([...args, '--json'])];
}

beforeAll(async () => {
  cwd = await temporaryFolder((clean) => {
    afterAll(clean);
  });
  provider = await startProvider({
    clock: createSystemClock(),
    clients: [{ client_id: 'me', client_secret: SECRETS.client_secret }],
    users: [{ username: 'somebody', password: SECRETS.password }],
    behaviour: { lifetimeMs: 3_600_000, rotation: 'none', fields: { refresh_token: SECRETS.refreshReceived } },
  });
  api = createServer((_request, response) => {
    response.writeHead(statuses.shift() ?? 200, { 'content-type': 'application/json' }).end('{"fine":true}');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(cwd, 'canaries.json'), JSON.stringify(DOCUMENT));
  writeFileSync(
    join(cwd, 'values.json'),
    JSON.stringify({
      server: { url: `http://127.0.0.1:${(api.address() as AddressInfo).port}` },
      tls: { key: `-----BEGIN PRIVATE KEY-----\n${SECRETS.tlsKey}\n-----END PRIVATE KEY-----\n` },
      authentication: {
        oauth: {
          client_id: 'me',
          client_secret: SECRETS.client_secret,
          username: 'somebody',
          password: SECRETS.password,
          token_url: provider.tokenUrl,
        },
        key: { value: SECRETS.apiKey },
        queryKey: { value: SECRETS.queryKey },
        basic: { username: 'somebody', password: SECRETS.basic },
        bearer: { token: SECRETS.bearer },
        custom: { exchange: 'webcrm', auth_code: SECRETS.exchangeInput },
      },
    }),
  );
});
afterAll(async () => {
  await provider.close();
  api.close();
});

test('verbs run well', async () => {
  expect((await everbearer(['import', 'canaries.json', '--as', 'c', '--from', '@values.json'])).exit).toBe(0);
  await bothWays('models', 'show', 'Canaries:1');
  await bothWays('integrations', 'show', 'c');
  await bothWays('integrations', 'list');
  for (const scheme of ['oauth', 'key', 'queryKey', 'basic', 'bearer']) {
    expect((await everbearer(['run', 'c', scheme, '--json'])).exit, scheme).toBe(0);
  }
  await bothWays('token', 'show', 'c', '--scheme', 'oauth');
  expect((await everbearer(['token', 'refresh', 'c', '--scheme', 'oauth', '--json'])).exit).toBe(0);
});

test('verbs run badly', async () => {
  // The API says no; the key in the query is not in the URL that is shown.
  statuses.push(500, 401, 401);
  expect((await everbearer(['run', 'c', 'queryKey', '--json'])).exit).toBe(1);
  expect((await everbearer(['run', 'c', 'oauth'])).exit).toBe(1);
  // The token endpoint repeats what it was sent.
  provider.script({
    name: 'error',
    status: 400,
    error: 'invalid_grant',
    errorDescription: `No user with ${SECRETS.password}, nor ${SECRETS.client_secret}`,
    times: 'always',
  });
  expect((await everbearer(['token', 'clear', 'c', '--scheme', 'oauth'])).exit).toBe(0);
  const refused = await bothWays('token', 'get', 'c', '--scheme', 'oauth');
  expect(refused.map(({ exit }) => exit)).toEqual([5, 5]);
  await bothWays('run', 'c', 'oauth');
  await bothWays('token', 'show', 'c', '--scheme', 'oauth');
});

test('tokens and values are given by hand, right and wrong', async () => {
  const patch = JSON.stringify({ access_token: SECRETS.accessByHand, refresh_token: SECRETS.refreshByHand });
  expect((await everbearer(['token', 'set', 'c', '--scheme', 'oauth', '--from', '-'], patch)).exit).toBe(0);
  await bothWays('token', 'show', 'c', '--scheme', 'oauth');
  const wrong = [
    { authentication: { oauth: { client_secret: { not: SECRETS.client_secret } } } },
    { authentication: { basic: { password: [SECRETS.basic] } } },
    { tls: { key: 5, ca: SECRETS.tlsKey } },
  ];
  for (const values of wrong) await everbearer(['integrations', 'set', 'c', '--from', '-'], JSON.stringify(values));
  await everbearer(['integrations', 'set', 'c', '--from', '-'], `{"authentication": "${SECRETS.password}`);
  await everbearer(['token', 'set', 'c', '--from', '-'], `{"access_token": ["${SECRETS.accessByHand}"]}`);
  await bothWays('run', 'c', 'custom');
});

test('what happened is looked at', async () => {
  await bothWays('events', '--limit', '1000');
  await bothWays('doctor');
  await bothWays('migrate', '--status');
  await bothWays('models', 'remove', 'Canaries:1');
  expect(told.length).toBeGreaterThan(30);
});

test('no secret was printed', () => {
  const leaks = told.flatMap(({ command, text }) =>
    Object.entries(SECRETS)
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => `${name} by: ${command}`),
  );
  expect(leaks).toEqual([]);
});

test('no secret can be read in the files of the store, in any of the usual spellings', () => {
  const folder = join(cwd, '.everbearer');
  const files = readdirSync(folder).filter((name) => !name.endsWith('.keys.json'));
  expect(files).toContain('everbearer.db');
  const leaks = files.flatMap((file) => {
    const content = readFileSync(join(folder, file)).toString('latin1');
    return Object.entries(SECRETS).flatMap(([name, secret]) =>
      spellings(secret)
        .filter((spelling) => content.includes(spelling))
        .map(() => `${name} in ${file}`),
    );
  });
  expect(leaks).toEqual([]);
});

/** Base64 of a text within another one begins at any of three places. */
function spellings(secret: string): readonly string[] {
  const shifted = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret, 'utf16le').toString('latin1'), ...shifted];
}

test('token get prints what it is for, and no other secret', async () => {
  const get = await runCliProcess(['token', 'get', 'c', '--scheme', 'oauth', '--json'], { cwd });
  expect(get).toMatchObject({ exit: 0, stderr: '' });
  expect(get.json()).toMatchObject({ access_token: SECRETS.accessByHand });
  const others = Object.entries(SECRETS).filter(([name]) => name !== 'accessByHand');
  expect(others.filter(([, secret]) => get.stdout.includes(secret))).toEqual([]);
});
