/** Access tokens as texts. */
import { createHmac } from 'node:crypto';

export interface AccessTokenFacts {
  readonly id: string;
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Nobody checks the signature: the provider remembers what it issued. */
const SIGNING_KEY = 'everbearer-demo';

export function mintAccessToken(form: 'opaque' | 'jwt', facts: AccessTokenFacts): string {
  if (form === 'opaque') return `at_${facts.id}`;
  const claims = {
    sub: facts.subject,
    jti: facts.id,
    iat: Math.floor(facts.issuedAt / 1_000),
    exp: Math.floor(facts.expiresAt / 1_000),
  };
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', SIGNING_KEY).update(signed).digest('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
