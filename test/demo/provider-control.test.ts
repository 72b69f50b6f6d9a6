import { describe, expect, test } from 'vitest';
import type { Provider } from '../../src/demo/provider.ts';
import { callApi, CLIENT_GRANT, openProvider, requestToken, signIn, THINGS_API, tokensOf } from './provider-client.ts';

async function command(
  provider: Provider,
  line: string,
  content?: unknown,
): Promise<{ status: number; body: unknown }> {
  const [method = '', path = ''] = line.split(' ');
  const response = await fetch(provider.adminUrl + path, {
    method,
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
  return { status: response.status, body: await response.json() };
}

describe('another process', () => {
  test('scripts faults, one or several, and clears them', async () => {
    const provider = await openProvider();
    await command(provider, 'POST /faults', { name: 'status', status: 500 });
    await command(provider, 'POST /faults', [
      { name: 'status', status: 502 },
      { name: 'status', status: 504, times: 'always' },
    ]);
    const ask = async (): Promise<number> => (await fetch(provider.tokenUrl, { method: 'POST' })).status;
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([500, 502, 504, 504]);
    await command(provider, 'DELETE /faults');
    expect(await ask()).toBe(400);
  });

  test('changes behaviour, time and accounts', async () => {
    const provider = await openProvider({ api: THINGS_API });
    await command(provider, 'PATCH /behaviour', { lifetimeMs: 60_000 });
    const { access } = await signIn(provider);
    await command(provider, 'POST /clock', { advanceMs: 59_000 });
    expect(await callApi(provider, access)).toBe(200);
    await command(provider, 'POST /clock', { advanceMs: 1_001 });
    expect(await callApi(provider, access)).toBe(401);
    await command(provider, 'PUT /client', { client_id: 'new', client_secret: 'one' });
    await command(provider, 'PUT /user', { username: 'new', password: 'one' });
    const form = { grant_type: 'password', client_id: 'new', client_secret: 'one', username: 'new', password: 'one' };
    expect((await requestToken(provider, form)).status).toBe(200);
  });

  test('holds, sees that, and releases', async () => {
    const provider = await openProvider();
    await command(provider, 'POST /faults', { name: 'hold' });
    const asked = requestToken(provider, CLIENT_GRANT);
    await expect
      .poll(async () => (await command(provider, 'GET /counters')).body)
      .toMatchObject({ held: 1, inFlight: 1 });
    await command(provider, 'POST /release');
    expect((await asked).status).toBe(200);
  });

  test('revokes one token or all of them', async () => {
    const provider = await openProvider({ api: THINGS_API });
    const [first, second, third] = [await signIn(provider), await signIn(provider), await signIn(provider)];
    expect((await command(provider, 'POST /revoke', { token: first.access })).body).toEqual({ revoked: 1 });
    expect(await callApi(provider, first.access)).toBe(401);
    expect((await command(provider, 'POST /revoke')).body).toEqual({ revoked: 2 });
    expect([await callApi(provider, second.access), await callApi(provider, third.access)]).toEqual([401, 401]);
  });

  test('reads counters and log, and zeroes them', async () => {
    const provider = await openProvider();
    await requestToken(provider, CLIENT_GRANT);
    expect((await command(provider, 'GET /counters')).body).toMatchObject({
      issued: 1,
      byGrant: { client_credentials: 1 },
    });
    expect((await command(provider, 'GET /log')).body).toEqual([
      expect.objectContaining({ sequence: 1, outcome: 'issued' }),
    ]);
    await command(provider, 'DELETE /counters');
    expect((await command(provider, 'GET /counters')).body).toMatchObject({ issued: 0 });
    expect((await command(provider, 'GET /log')).body).toEqual([]);
  });

  test.each<[line: string, content: unknown, status: number]>([
    ['POST /faults', { name: 'earthquake' }, 400],
    ['POST /faults', 'status', 400],
    ['PATCH /behaviour', { colour: 'red' }, 400],
    ['POST /clock', { advanceMs: 'a lot' }, 400],
    ['PUT /user', { username: 'x' }, 400],
    ['GET /nothing', undefined, 404],
    ['GET /constructor', undefined, 404],
  ])('%s with %j is answered with %i', async (line, content, status) => {
    expect((await command(await openProvider(), line, content)).status).toBe(status);
  });
});

test('the metadata lead to the token endpoint', async () => {
  const provider = await openProvider();
  for (const url of [provider.metadataUrl, `${provider.origin}/-/.well-known/openid-configuration`]) {
    const metadata = (await (await fetch(url)).json()) as Record<string, unknown>;
    expect(metadata).toMatchObject({ token_endpoint: provider.tokenUrl, revocation_endpoint: provider.revocationUrl });
    expect(url.startsWith(`${String(metadata['issuer'])}/.well-known/`)).toBe(true);
  }
});

test('two providers know nothing of each other', async () => {
  const [one, two] = [await openProvider({ api: THINGS_API }), await openProvider({ api: THINGS_API })];
  const { access } = tokensOf(await requestToken(one, CLIENT_GRANT));
  expect([await callApi(one, access), await callApi(two, access)]).toEqual([200, 401]);
  expect([one.counters().issued, two.counters().issued]).toEqual([1, 0]);
});
