/** What a failed grant says of the credentials that it presented. Pure. */
import type { ExchangeFailure } from '../exchange/exchange-outcome.ts';
import type { CredentialOutcome } from './credential-record.ts';

/** Statuses of a server that did not look at the credentials. */
const NOT_LOOKED_AT: ReadonlySet<number> = new Set([408, 425, 429]);

export function credentialOutcomeOf(failure: ExchangeFailure): CredentialOutcome {
  if (!failure.sent) return { kind: 'untried' };
  switch (failure.class) {
    case 'credentials':
      return { kind: 'refused', refusal: refusalOf(failure) };
    case 'configuration':
    case 'egress':
    case 'refresh_token':
      return { kind: 'untried' };
    case 'transient':
    case 'in_doubt':
      return isNotLookedAt(failure.status) ? { kind: 'untried' } : { kind: 'unanswered' };
  }
}

function isNotLookedAt(status: number | undefined): boolean {
  return status !== undefined && (NOT_LOOKED_AT.has(status) || status >= 500);
}

function refusalOf({ error, message, status }: ExchangeFailure): (CredentialOutcome & { kind: 'refused' })['refusal'] {
  return { code: error, message, ...(status === undefined ? {} : { http: status }) };
}
