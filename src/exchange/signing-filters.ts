/** Template filters that hash and sign: SuperOffice tickets, JWT assertions (RFC 7523), hashed secrets. */
import { EverbearerError } from '../errors.ts';
import { isObject } from '../kernel/json.ts';
import { asText, type FilterTable } from '../kernel/template-filters.ts';
import type { SignatureAlgorithm, Signer } from './signer.ts';

const ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'RS512', 'PS256', 'ES256', 'HS256'];
const ENCODINGS = ['base64', 'base64url', 'hex'] as const;

/** Their names, for those who check a document. */
export const SIGNING_FILTER_NAMES: readonly string[] = ['hmac_sha256', 'jwt', 'sha256', 'sign'];

/**
 * `sha256(encoding)` and `hmac_sha256(key, encoding)`, encoding `hex` by default; `sign(algorithm, key, encoding)`, `base64` by default;
 * `jwt(algorithm, key, header)`: the value is the claims, `header` further header members such as `{kid}`.
 */
export function signingFilters(signer: Signer | undefined): FilterTable {
  return {
    sha256: (value, [encoding]) => encode(need(signer).sha256(asText(value)), encoding ?? 'hex'),
    hmac_sha256: (value, [key, encoding]) =>
      encode(need(signer).sign('HS256', asText(key), asText(value)), encoding ?? 'hex'),
    sign: (value, [algorithm, key, encoding]) =>
      encode(need(signer).sign(algorithmOf(algorithm), asText(key), asText(value)), encoding ?? 'base64'),
    jwt: (value, [algorithm, key, header]) => signJwt(need(signer), value, algorithmOf(algorithm), asText(key), header),
  };
}

/** A signed JWT in compact form (RFC 7515 §3.1). */
function signJwt(signer: Signer, claims: unknown, alg: SignatureAlgorithm, key: string, header: unknown): string {
  if (!isObject(claims))
    throw unfit('The filter "jwt" got no claims', 'Give it an object, made in the step\'s "values".');
  const more = isObject(header) ? header : {};
  const signed = [{ alg, typ: 'JWT', ...more }, claims]
    .map((part) => Buffer.from(JSON.stringify(part), 'utf8').toString('base64url'))
    .join('.');
  return `${signed}.${encode(signer.sign(alg, key, signed), 'base64url')}`;
}

function algorithmOf(value: unknown): SignatureAlgorithm {
  const found = ALGORITHMS.find((algorithm) => algorithm === value);
  if (found === undefined) throw unfit('The signature algorithm is not known', `Known: ${ALGORITHMS.join(', ')}.`);
  return found;
}

function encode(bytes: Uint8Array, encoding: unknown): string {
  const found = ENCODINGS.find((name) => name === encoding);
  if (found === undefined) throw unfit('The encoding is not known', `Known: ${ENCODINGS.join(', ')}.`);
  return Buffer.from(bytes).toString(found);
}

function need(signer: Signer | undefined): Signer {
  if (signer !== undefined) return signer;
  throw unfit('This exchange signs, and nothing to sign with was given', 'Pass a signer among the ports.');
}

function unfit(what: string, hint: string): EverbearerError {
  return new EverbearerError('configuration_missing', `${what}.`, { hint });
}
