/** simple-oauth2 with fetch, as its README does it: `expired()` at each call, the URL put together by hand. */
import { ClientCredentials } from 'simple-oauth2';
import type { Contender } from './contender.ts';
import { BASE_PATH, CLIENT, itemOf, ORDER, SHOP, TRACE } from './shop.ts';

const EXPIRATION_WINDOW_SECONDS = 300;

export const simpleOauth2: Contender = {
  name: 'simple-oauth2 + fetch',
  isPeer: true,
  prepare: async (origin) => {
    const client = new ClientCredentials({
      client: { id: CLIENT.client_id, secret: CLIENT.client_secret },
      auth: { tokenHost: origin, tokenPath: '/token' },
    });
    let accessToken = await client.getToken({});
    const headers = async (): Promise<Record<string, string>> => {
      if (accessToken.expired(EXPIRATION_WINDOW_SECONDS)) accessToken = await client.getToken({});
      const { access_token: token } = accessToken.token;
      return { accept: 'application/json', authorization: `Bearer ${String(token)}`, 'x-trace': TRACE };
    };
    const items = `${origin}${BASE_PATH}/shops/${encodeURIComponent(SHOP)}/items`;
    return {
      get: async (i) => {
        const { item, page, tag } = itemOf(i);
        const query = new URLSearchParams({ page: String(page), tag });
        const response = await fetch(`${items}/${item}?${query.toString()}`, { headers: await headers() });
        return await response.json();
      },
      post: async () => {
        const response = await fetch(items, {
          method: 'POST',
          headers: { ...(await headers()), 'content-type': 'application/json' },
          body: JSON.stringify(ORDER),
        });
        return await response.json();
      },
      close: () => Promise.resolve(),
    };
  },
};
