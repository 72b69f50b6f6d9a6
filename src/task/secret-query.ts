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

/** A parameter of such a name, or of one that has to be decoded before it can be told. */
const SUSPICIOUS = new RegExp(`[?&](?:${[...ALWAYS_SECRET].join('|')}|[^=&#]*[%+\\u0080-\\uffff][^=&#]*)=`, 'i');

/**
 * The URL without user information, and with the values of secret query parameters as `***`.
 * @param secretNames decoded names of the parameters that the integration's credentials put there, besides those that are secret by their name
 */
export function maskUrl(url: string, secretNames: readonly string[] = []): string {
  const withoutUser = url.includes('@') ? url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#@]*@/i, '$1') : url;
  return secretNames.length === 0 && !SUSPICIOUS.test(withoutUser) ? withoutUser : maskQuery(withoutUser, secretNames);
}

function maskQuery(url: string, secretNames: readonly string[]): string {
  const secrets = new Set(secretNames.map((name) => name.toLowerCase()));
  const start = url.indexOf('?');
  if (start === -1) return url;
  const end = url.indexOf('#', start);
  const query = url.slice(start + 1, end === -1 ? undefined : end);
  const masked = query
    .split('&')
    .map((pair) => maskPair(pair, secrets))
    .join('&');
  return `${url.slice(0, start)}?${masked}${end === -1 ? '' : url.slice(end)}`;
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
