/** Reading requests. */
import type { IncomingMessage } from 'node:http';

/** A megabyte; more is cut off. */
const MAX_BODY_BYTES = 1024 * 1024;

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Wherever a token may have been put: the Authorization header, other headers, cookies, the query. */
export function presentedCredentials({ headers, url = '/' }: IncomingMessage): readonly string[] {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.slice(cookie.indexOf('=') + 1).trim());
  const { authorization = '' } = headers;
  const others = Object.entries(headers).filter(([name]) => name.startsWith('x-') || /token|key|auth/.test(name));
  return [
    authorization.split(' ').at(-1) ?? '',
    ...cookies,
    ...query.values(),
    ...others.map(([, value]) => String(value)),
  ].filter((value) => value !== '');
}
