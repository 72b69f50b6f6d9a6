/** Credentials put on a built request: they win over what the input gave under the same name. Pure. */
import type { Credentials } from '../integration/credentials.ts';
import type { BuiltRequest } from './build-request.ts';

export function withCredentials(
  request: BuiltRequest,
  { headers, query, cookies }: Credentials,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const merged: Record<string, string> = { ...request.headers };
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) merged[name.toLowerCase()] = value;
  }
  for (const name in cookies) {
    const value = cookies[name];
    if (value === undefined) continue;
    const pair = `${name}=${value}`;
    merged['cookie'] = merged['cookie'] === undefined ? pair : `${merged['cookie']}; ${pair}`;
  }
  return { url: withQuery(request.url, query), headers: merged };
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  let result = url;
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    result += `${result.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  return result;
}
