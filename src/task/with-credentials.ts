/** Credentials put on a built request: they take the place of what the input gave under the same name. Pure. */
import type { Credentials } from '../integration/credentials.ts';
import type { BuiltRequest } from './build-request.ts';
import { encodeUnreserved } from './percent-encoding.ts';

/** The request stays as it is, so that it can be sent again with another token. Values of `query` come unencoded. */
export function withCredentials(
  request: BuiltRequest,
  { headers, query, cookies }: Pick<Credentials, 'headers' | 'query' | 'cookies'>,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const merged: Record<string, string> = { ...request.headers };
  for (const name of Object.keys(headers)) merged[name.toLowerCase()] = headers[name] ?? '';
  const cookie = replacePairs(merged['cookie'] ?? '', Object.entries(cookies), '; ');
  if (cookie !== '') merged['cookie'] = cookie;
  return { url: withQuery(request.url, query), headers: merged };
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const added = Object.entries(query).map(
    ([name, value]) => [encodeUnreserved(name), encodeUnreserved(value)] as const,
  );
  if (added.length === 0) return url;
  const start = url.indexOf('?');
  const given = start === -1 ? '' : url.slice(start + 1);
  return `${start === -1 ? url : url.slice(0, start)}?${replacePairs(given, added, '&')}`;
}

/** `name=value` pairs without those of the added names, then the added ones. */
function replacePairs(pairs: string, added: readonly (readonly [string, string])[], separator: string): string {
  if (added.length === 0) return pairs;
  const names = new Set(added.map(([name]) => name));
  const kept = pairs.split(separator).filter((pair) => pair !== '' && !names.has(pair.split('=', 1)[0] ?? ''));
  return [...kept, ...added.map((pair) => pair.join('='))].join(separator);
}
