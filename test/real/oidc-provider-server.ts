/** oidc-provider as an authorization server: in this process, on a free port of loopback, everything in memory. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface OidcServer {
  readonly tokenUrl: string;
  /** A refresh token as a consent of `alice` would have brought it. */
  mintRefreshToken(clientId: string): Promise<string>;
  close(): Promise<void>;
}

export interface OidcClient {
  readonly client_id: string;
  readonly client_secret?: string;
  /** What it may ask for at most. */
  readonly scope?: string;
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post' | 'none';
}

/** Access tokens live for a minute; refresh tokens rotate, and a reuse revokes the whole grant. */
export async function startOidcServer(clients: readonly OidcClient[]): Promise<OidcServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(clients));
  server.on('request', provider.callback());
  return {
    tokenUrl: `${issuer}/token`,
    mintRefreshToken: (clientId) => mintRefreshToken(provider, clientId),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configuration(clients: readonly OidcClient[]): Readonly<Record<string, unknown>> {
  return {
    clients: clients.map((client) => ({
      ...client,
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirect_uris: ['https://client.example.com/callback'],
      response_types: ['code'],
    })),
    scopes: ['openid', 'offline_access', 'read', 'write'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    rotateRefreshToken: true,
    ttl: { AccessToken: 60, ClientCredentials: 60, RefreshToken: 3_600, Grant: 3_600, IdToken: 60 },
    cookies: { keys: ['only-for-this-test'] },
  };
}

async function mintRefreshToken(provider: Provider, clientId: string): Promise<string> {
  const grant = new provider.Grant({ accountId: 'alice', clientId });
  grant.addOIDCScope('openid offline_access read');
  const grantId = await grant.save();
  const token = new provider.RefreshToken({
    accountId: 'alice',
    client: await provider.Client.find(clientId),
    grantId,
    gty: 'authorization_code',
    scope: 'openid offline_access read',
    rotations: 0,
  });
  return await token.save();
}
