/**
 * simple-oauth2 as its README does it: the token "persisted in an external database" (here a file that the processes share), read before a task,
 * `expired()` with the README's window of 300 seconds, `refresh()`, persisted again; a failed refresh is caught, and the token at hand is used.
 */
import { AuthorizationCode, ClientCredentials, ResourceOwnerPassword, type AccessToken } from 'simple-oauth2';
import { booksUrl, expectOk, type Contender, type Site } from './contender.ts';
import { sharedFile } from './shared-file.ts';

const EXPIRATION_WINDOW_IN_SECONDS = 300;

/** What the grants of the library have in common, as far as the comparison goes. */
interface Client {
  createToken(token: Readonly<Record<string, unknown>>): AccessToken;
  /** Absent where a person signs in. */
  readonly signIn?: () => Promise<AccessToken>;
  /** The README: "Tokens obtained with the Client Credentials grant may not be refreshed. Fetch a new token when it's expired." */
  readonly mayRefresh: boolean;
}

export const simpleOauth2: Contender = {
  refreshes: true,
  clock: 'process',
  install: (site) => {
    const { session } = site;
    if (session !== undefined) sharedFile(site).write(clientOf(site).createToken({ ...session }));
    return Promise.resolve();
  },
  start: (site) => {
    const client = clientOf(site);
    const database = sharedFile<Readonly<Record<string, unknown>>>(site);
    const persist = (accessToken: AccessToken): AccessToken => {
      database.write(accessToken.token);
      return accessToken;
    };
    const current = async (): Promise<AccessToken> => {
      const persisted = database.read();
      if (persisted === undefined) return persist(await signIn(client));
      const accessToken = client.createToken(persisted);
      if (!accessToken.expired(EXPIRATION_WINDOW_IN_SECONDS)) return accessToken;
      try {
        return persist(await renew(client, accessToken));
      } catch {
        return accessToken;
      }
    };
    return Promise.resolve(async () => {
      const { access_token } = (await current()).token;
      expectOk(await fetch(booksUrl(site), { headers: { authorization: `Bearer ${String(access_token)}` } }));
    });
  },
};

/** Where a password is at hand and the refresh fails, it is used: more than the README shows. */
async function renew(client: Client, accessToken: AccessToken): Promise<AccessToken> {
  if (!client.mayRefresh) return await signIn(client);
  try {
    return await accessToken.refresh();
  } catch {
    return await signIn(client);
  }
}

async function signIn(client: Client): Promise<AccessToken> {
  if (client.signIn === undefined) throw new Error('a person has to sign in');
  return await client.signIn();
}

function clientOf({ grant, client: { client_id: id, client_secret: secret }, account, tokenUrl }: Site): Client {
  const { origin, pathname } = new URL(tokenUrl);
  const config = { client: { id, secret }, auth: { tokenHost: origin, tokenPath: pathname } };
  switch (grant) {
    case 'sign-in': {
      const client = new AuthorizationCode(config);
      return { createToken: (token) => client.createToken(token), mayRefresh: true };
    }
    case 'password': {
      const client = new ResourceOwnerPassword(config);
      const getToken = async (): Promise<AccessToken> => await client.getToken({ ...account });
      return { createToken: (token) => client.createToken(token), signIn: getToken, mayRefresh: true };
    }
    case 'client_credentials': {
      const client = new ClientCredentials(config);
      const getToken = async (): Promise<AccessToken> => await client.getToken({});
      return { createToken: (token) => client.createToken(token), signIn: getToken, mayRefresh: false };
    }
  }
}
