/**
 * `@badgateway/oauth2-client` as its README does it: the fetch wrapper, with `getNewToken`, and `storeToken` and `getStoredToken` on a file that the
 * processes share. Without a password `getNewToken` gives `null`: "when a user needs to be redirected back".
 */
import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from '@badgateway/oauth2-client';
import { booksUrl, expectOk, type Contender, type Site } from './contender.ts';
import { sharedFile } from './shared-file.ts';

export const badgateway: Contender = {
  refreshes: true,
  clock: 'process',
  install: (site) => {
    const { session } = site;
    if (session !== undefined) {
      const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = session;
      sharedFile<OAuth2Token>(site).write({ accessToken, refreshToken, expiresAt: Date.now() + seconds * 1_000 });
    }
    return Promise.resolve();
  },
  start: (site) => {
    const storage = sharedFile<OAuth2Token>(site);
    const client = new OAuth2Client({
      server: new URL(site.tokenUrl).origin,
      tokenEndpoint: new URL(site.tokenUrl).pathname,
      clientId: site.client.client_id,
      clientSecret: site.client.client_secret,
    });
    const wrapper = new OAuth2Fetch({
      client,
      getNewToken: async () => await newToken(client, site),
      storeToken: (token) => storage.write(token),
      getStoredToken: () => storage.read() ?? null,
    });
    return Promise.resolve(async () => expectOk(await wrapper.fetch(booksUrl(site))));
  },
};

async function newToken(client: OAuth2Client, { grant, account }: Site): Promise<OAuth2Token | null> {
  switch (grant) {
    case 'sign-in':
      return null;
    case 'password':
      return await client.password({ ...account });
    case 'client_credentials':
      return await client.clientCredentials();
  }
}
