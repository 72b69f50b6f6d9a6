/** Reading a JWT without verifying it: for expiry and claims of a token that came over TLS from its own issuer. */
import { isObject } from './json.ts';

/** The claims of a signed JWT (RFC 7519), or `undefined` for text that is none. The signature is not looked at. */
export function jwtPayload(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.slice(0, 2).every((part) => /^[\w-]+$/.test(part))) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
