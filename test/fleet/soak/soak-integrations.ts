/** The integrations of a soak: each with an account and a client of its own, so that the provider's log tells them apart. */
import type { Everbearer } from '../../../src/api.ts';
import { DEFAULT_USER, type ClientAccount } from '../../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../../src/demo/provider.ts';
import type { Json } from '../../../src/kernel/json.ts';
import { BOOKSHOP, shopValues, VERSION_ID } from '../../cli/support/shop.ts';
import { signIn } from '../support/sign-in.ts';

export interface SoakIntegration {
  /** Also the `client_id` of its requests. */
  readonly name: string;
  /** It has no password: a person signs in again where its refresh token is refused. */
  readonly refreshTokenOnly: boolean;
}

export const SOAK_INTEGRATIONS: readonly SoakIntegration[] = [
  { name: 'north', refreshTokenOnly: false },
  { name: 'east', refreshTokenOnly: false },
  { name: 'south', refreshTokenOnly: false },
  { name: 'west', refreshTokenOnly: false },
  { name: 'signed-in', refreshTokenOnly: true },
];

export const SOAK_CLIENTS: readonly ClientAccount[] = SOAK_INTEGRATIONS.map(({ name }) => clientOf(name));
export const SOAK_USERS = SOAK_INTEGRATIONS.map(({ name }) => ({ ...DEFAULT_USER, username: `user-of-${name}` }));

function clientOf(name: string): ClientAccount {
  return { client_id: name, client_secret: `secret-of-${name}` };
}

/** @param host of the provider as workers reach it */
export async function makeIntegrations(editor: Everbearer, provider: Provider, host: string): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(BOOKSHOP));
  await editor.models.import({ name: 'bookshop.json', bytes });
  const through = (url: string): string => url.replace(provider.origin, `http://${host}`);
  const urls = { token_url: through(provider.tokenUrl), refresh_url: through(provider.tokenUrl) };
  for (const integration of SOAK_INTEGRATIONS) {
    const { name } = integration;
    const account: Readonly<Record<string, Json>> = integration.refreshTokenOnly
      ? { username: '', password: '' }
      : { username: `user-of-${name}` };
    const { authentication } = shopValues(provider, { ...clientOf(name), ...account, ...urls });
    await editor.integrations.create({
      name,
      model: VERSION_ID,
      server: { url: through(provider.apiUrl) },
      authentication,
    });
    if (integration.refreshTokenOnly) await signInAgain(editor, provider, integration);
  }
}

/** A person signs in and enters what comes of it. */
export async function signInAgain(editor: Everbearer, provider: Provider, { name }: SoakIntegration): Promise<void> {
  const token = await signIn(provider, clientOf(name), `user-of-${name}`);
  await editor.tokens.set({ integration: name }, { ...token });
}
