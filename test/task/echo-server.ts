/** A server that answers with what it was asked, as it came over the wire. */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BuiltRequest } from '../../src/task/build-request.ts';

export interface Echo {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface EchoServer {
  /** Without a slash at the end. */
  readonly url: string;
  send(request: BuiltRequest): Promise<Echo>;
  close(): Promise<void>;
}

export async function startEchoServer(): Promise<EchoServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, target: url, headers, body: Buffer.concat(chunks).toString('base64') }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    send,
    close: () =>
      new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error)))),
  };
}

/** node:http sends the target as it is given, so nothing is repaired on the way. */
async function send({ method, url, headers, body }: BuiltRequest): Promise<Echo> {
  const start = url.indexOf('/', 'http://'.length);
  const { host } = new URL(url);
  const [hostname = '', port = ''] = host.split(':');
  const text = await new Promise<string>((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path: url.slice(start), method, headers, agent: false },
      (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.on('end', () => resolve(received));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
  const echo = JSON.parse(text) as Omit<Echo, 'body'> & { readonly body: string };
  return { ...echo, body: Buffer.from(echo.body, 'base64') };
}
