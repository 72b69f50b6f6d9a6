/**
 * openid-client as its documentation shows its parts: `discovery`, a grant, `expiresIn()`, `refreshTokenGrant`, `fetchProtectedResource`. It says nothing
 * of keeping tokens, so each process has its own in memory.
 */
import * as client from 'openid-client';
import { booksUrl, type Contender, type Site } from './contender.ts';

/** As much of a token endpoint's response as is used. */
type Tokens = Pick<client.TokenEndpointResponse, 'access_token' | 'refresh_token'> &
  Pick<client.TokenEndpointResponseHelpers, 'expiresIn'>;

export const openidClient: Contender = {
  refreshes: true,
  clock: 'process',
  install: () => Promise.resolve(),
  start: async (site) => {
    const { client_id: id, client_secret: secret } = site.client;
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so only to stand out: the provider here has no TLS.
    const options = { execute: [client.allowInsecureRequests] };
    const configuration = await client.discovery(new URL(site.issuer), id, secret, undefined, options);
    let tokens = sessionOf(site);
    const current = async (): Promise<Tokens> => {
      if (tokens === undefined) tokens = await signIn(configuration, site);
      else if (tokens.expiresIn() === 0) tokens = await renew(configuration, site, tokens);
      return tokens;
    };
    const url = new URL(booksUrl(site));
    return async () => {
      const { access_token: accessToken } = await current();
      const response = await client.fetchProtectedResource(configuration, accessToken, url, 'GET');
      if (!response.ok) throw new Error(`the API answered ${response.status}`);
    };
  },
};

function sessionOf({ session }: Site): Tokens | undefined {
  if (session === undefined) return undefined;
  const expiresAt = Date.now() + session.expires_in * 1_000;
  return { ...session, expiresIn: () => Math.max(0, Math.floor((expiresAt - Date.now()) / 1_000)) };
}

/** Where a password is at hand and the refresh fails, it is used: more than the documentation shows. */
async function renew(configuration: client.Configuration, site: Site, tokens: Tokens): Promise<Tokens> {
  if (tokens.refresh_token === undefined) return await signIn(configuration, site);
  try {
    return await client.refreshTokenGrant(configuration, tokens.refresh_token);
  } catch (error) {
    if (site.grant === 'sign-in') throw error;
    return await signIn(configuration, site);
  }
}

async function signIn(configuration: client.Configuration, { grant, account }: Site): Promise<Tokens> {
  switch (grant) {
    case 'sign-in':
      throw new Error('a person has to sign in');
    case 'password':
      return await client.genericGrantRequest(configuration, 'password', { ...account });
    case 'client_credentials':
      return await client.clientCredentialsGrant(configuration);
  }
}
