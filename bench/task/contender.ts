/** Who takes part in the bench of whole tasks. */
import { Agent, request } from 'undici';
import type { Call } from '../rounds.ts';
import { BASE_PATH, ITEM, itemOf, ORDER, TOKEN, TRACE } from './shop.ts';

export interface Calls {
  /** GET with path, query and header. @returns the body, parsed */
  readonly get: Call;
  /** POST of JSON. @returns the body, parsed */
  readonly post: Call;
  close(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** Somebody else's: it must be behind us. */
  readonly isPeer: boolean;
  /** @param origin of the running API */
  readonly prepare: (origin: string) => Promise<Calls>;
}

/** Both calls by turns, each once before to see that it does the work. */
export async function mixedCalls({ get, post }: Calls): Promise<Call> {
  for (const call of [get, post]) {
    const body = JSON.stringify(await call(1));
    if (body !== JSON.stringify(ITEM)) throw new Error(`The contender's answer is another: ${body.slice(0, 300)}`);
  }
  return (i) => (i % 2 === 0 ? get(i) : post(i));
}

/** What a program without any library does: the token is a constant, the URL is put together by hand, nothing is checked. */
export const bareUndici: Contender = {
  name: 'undici.request',
  isPeer: false,
  prepare: (origin) => {
    const dispatcher = new Agent({ connections: 64, pipelining: 1 });
    const headers = { accept: 'application/json', authorization: `Bearer ${TOKEN}`, 'x-trace': TRACE };
    const items = `${origin}${BASE_PATH}/shops/north%201/items`;
    return Promise.resolve({
      get: async (i) => {
        const { item, page, tag } = itemOf(i);
        const { body } = await request(`${items}/${item}?page=${page}&tag=${encodeURIComponent(tag)}`, {
          dispatcher,
          headers,
        });
        return await body.json();
      },
      post: async () => {
        const { body } = await request(items, {
          dispatcher,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(ORDER),
        });
        return await body.json();
      },
      close: async () => await dispatcher.close(),
    });
  },
};
