/** Which alternative of an operation's security requirements is used (OpenAPI Security Requirement Object: OR of ANDs). Pure. */
import type { SecurityRequirement } from '../openapi/operation.ts';
import type { SchemeCredentials } from './scheme-credentials.ts';

export type SecurityChoice =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'schemes'; readonly schemes: readonly string[] }
  /** No alternative is complete: what the closest one lacks. */
  | { readonly kind: 'missing'; readonly missing: readonly { readonly scheme: string; readonly what: string }[] };

/** @param stored whether a scheme's record may hold a token although inputs are missing (set by hand) */
export function chooseSecurity(
  requirements: readonly SecurityRequirement[],
  credentials: ReadonlyMap<string, SchemeCredentials>,
): SecurityChoice {
  if (requirements.length === 0) return { kind: 'anonymous' };
  const alternatives = requirements.map((requirement) => Object.keys(requirement));
  const complete = alternatives.find(
    (schemes) => schemes.length > 0 && schemes.every((name) => isComplete(credentials.get(name))),
  );
  if (complete !== undefined) return { kind: 'schemes', schemes: complete };
  if (alternatives.some((schemes) => schemes.length === 0)) return { kind: 'anonymous' };
  const byHand = alternatives.find((schemes) => schemes.every((name) => mayHoldToken(credentials.get(name))));
  if (byHand !== undefined) return { kind: 'schemes', schemes: byHand };
  const lacks = alternatives.map((schemes) => schemes.flatMap((scheme) => lacking(scheme, credentials.get(scheme))));
  return { kind: 'missing', missing: lacks.toSorted((a, b) => a.length - b.length)[0] ?? [] };
}

function isComplete(credentials: SchemeCredentials | undefined): boolean {
  if (credentials === undefined) return false;
  if (credentials.kind === 'token') return credentials.missing.length === 0;
  return credentials.kind === 'static' || credentials.kind === 'mutual-tls';
}

/** A token may have been set by hand where the inputs for a first one are not all there. */
function mayHoldToken(credentials: SchemeCredentials | undefined): boolean {
  return isComplete(credentials) || credentials?.kind === 'token';
}

function lacking(
  scheme: string,
  credentials: SchemeCredentials | undefined,
): readonly { readonly scheme: string; readonly what: string }[] {
  if (credentials === undefined) return [{ scheme, what: 'it is not described in the document' }];
  if (credentials.kind === 'missing') return credentials.missing.map((what) => ({ scheme, what }));
  if (credentials.kind === 'unsupported') return [{ scheme, what: credentials.reason }];
  return [];
}
