/** The API, in a process of its own so that the client has a core for itself. It answers only who did all of the work: token, path, query, header, body. */
import { fork } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { BASE_PATH, ITEM, ORDER, TOKEN, TRACE } from './shop.ts';

export interface Site {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): void;
}

export async function startSite(): Promise<Site> {
  const child = fork(new URL(import.meta.url));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { origin: `http://127.0.0.1:${port}`, close: () => child.disconnect() };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const ANSWER = JSON.stringify(ITEM);
const GRANT = JSON.stringify({ access_token: TOKEN, token_type: 'Bearer', expires_in: 3_600 });
const GET_PATH = new RegExp(
  `^${BASE_PATH}/shops/north%201/items/\\d+\\?page=\\d&tag=new(?:%20|\\+)%26(?:%20|\\+)blue$`,
);
const POST_PATH = `${BASE_PATH}/shops/north%201/items`;

if (import.meta.main) serve();

function serve(): void {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => answer(request, response, body));
  });
  // Longer than any contender waits for its turn.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
  process.on('disconnect', () => process.exit());
}

function answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse, body: string): void {
  if (url === '/token') {
    response.writeHead(200, JSON_TYPE).end(GRANT);
    return;
  }
  const isKnown = headers.authorization === `Bearer ${TOKEN}` && headers['x-trace'] === TRACE;
  const isGet = method === 'GET' && GET_PATH.test(url);
  const isPost = method === 'POST' && url === POST_PATH && body.length === ORDER_LENGTH;
  const status = isKnown ? (isGet ? 200 : isPost ? 201 : 404) : 401;
  response.writeHead(status, JSON_TYPE).end(ANSWER);
}

const ORDER_LENGTH = JSON.stringify(ORDER).length;
