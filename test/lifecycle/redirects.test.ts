/** F28: the credentials of a token request would go along with a redirect, so none is followed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWireServer, type WireServer } from '../exchange/support/wire-server.ts';
import { failureOf, openTokenEndpoint, shownOf } from './support/token-endpoint.ts';

let other: WireServer;
beforeAll(async () => {
  other = await startWireServer();
});
afterAll(() => other.close());

describe('test 35: a redirect is not followed: the second origin receives nothing', () => {
  test.each([301, 302, 303, 307, 308])('test 35: %i, to the same origin and to another', async (status) => {
    const { provider, signIn, asClient, refresh } = await openTokenEndpoint();
    for (const location of [
      `${provider.origin}/-/login?secret=1`,
      `${other.url}/token?secret=1`,
      '/elsewhere?secret=1',
    ]) {
      for (const run of [signIn, asClient, () => refresh('rt-0123456789')]) {
        provider.resetCounters();
        provider.script({ name: 'redirect', status, location });
        const failure = failureOf(await run());
        // Definite: a refresh token that was presented is untouched.
        expect(failure).toMatchObject({ class: 'configuration', error: 'redirect', status, sent: true });
        const { host } = new URL(location, provider.origin);
        expect(failure.message).toContain(`Location: ${host}"`);
        expect(failure.message).toContain('set it as token_url');
        expect(shownOf(failure)).not.toContain('secret=1');
        expect(provider.counters()).toMatchObject({ tokenRequests: 1, issued: 0, api: { notFound: 0 } });
      }
    }
    expect(other.requests).toEqual([]);
  });
});
