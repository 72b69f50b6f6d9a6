/** A person's sign-in outside Everbearer: the password grant (RFC 6749 §4.3), straight at the provider. */
import { DEFAULT_USER, type ClientAccount } from '../../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../../src/demo/provider.ts';

export interface SignedIn {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** @returns what a person would enter by hand */
export async function signIn({ tokenUrl }: Pick<Provider, 'tokenUrl'>, client: ClientAccount): Promise<SignedIn> {
  const body = new URLSearchParams({ grant_type: 'password', ...DEFAULT_USER, ...client });
  const response = await fetch(tokenUrl, { method: 'POST', body });
  const { access_token, refresh_token, expires_in } = (await response.json()) as SignedIn;
  return { access_token, refresh_token, expires_in };
}
