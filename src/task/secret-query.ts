/** URLs as they may be shown: secrets of the query are masked (promise 6). */

/** Query parameters that carry credentials whatever the document calls them. */
const ALWAYS_SECRET: ReadonlySet<string> = new Set([
  'access_token',
  'api-key',
  'api_key',
  'apikey',
  'auth',
  'auth_token',
  'authorization',
  'client_secret',
  'id_token',
  'key',
  'password',
  'refresh_token',
  'secret',
  'sig',
  'signature',
  'token',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
]);

const MASKED = '***';

/**
 * The URL without user information, and with the values of secret query parameters as `***`.
 * @param secretNames decoded names of the parameters that the integration's credentials put there, besides those that are secret by their name
 */
export function maskUrl(url: string, secretNames: Iterable<string> = []): string {
  const secrets = new Set([...secretNames].map((name) => name.toLowerCase()));
  const withoutUser = url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#@]*@/i, '$1');
  const start = withoutUser.indexOf('?');
  if (start === -1) return withoutUser;
  const end = withoutUser.indexOf('#', start);
  const query = withoutUser.slice(start + 1, end === -1 ? undefined : end);
  const masked = query
    .split('&')
    .map((pair) => maskPair(pair, secrets))
    .join('&');
  return `${withoutUser.slice(0, start)}?${masked}${end === -1 ? '' : withoutUser.slice(end)}`;
}

function maskPair(pair: string, secrets: ReadonlySet<string>): string {
  const equals = pair.indexOf('=');
  if (equals === -1) return pair;
  const name = decoded(pair.slice(0, equals)).toLowerCase();
  return secrets.has(name) || ALWAYS_SECRET.has(name) ? `${pair.slice(0, equals)}=${MASKED}` : pair;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
