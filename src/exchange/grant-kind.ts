/** What a phase presents; how a refusal is read depends on it. */
import { isObject } from '../kernel/json.ts';
import type { PhaseName } from './compiled-exchange.ts';
import type { Exchange, Step } from './exchange.ts';

/** `client`: the client's own credentials (RFC 6749 §4.4) · `login`: a password, a key, anything of an account · `refresh`: a refresh token · `end`: log-out. */
export type GrantKind = 'client' | 'login' | 'refresh' | 'end';

export function grantKindOf(exchange: Exchange, phase: PhaseName): GrantKind {
  if (phase !== 'acquire') return phase;
  return exchange.acquire.some(isClientCredentialsGrant) ? 'client' : 'login';
}

/** RFC 6749 §4.4.2. */
function isClientCredentialsGrant(step: Step): boolean {
  return [step.form, step.json, step.query].some(
    (part) => isObject(part) && part['grant_type'] === 'client_credentials',
  );
}
