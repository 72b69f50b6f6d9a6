/** The meaning of every write to a credential's record. Pure; `undefined` says that nothing is written. */
import type { CredentialBar, CredentialOutcome, CredentialRecord, CredentialTransition } from './credential-record.ts';

/** So many tries may stay unanswered before the credential is closed. */
const MOST_UNANSWERED = 2;
/** How often a credential that has worked before is probed while nobody answers. */
const PROBE_EVERY_MS = 15 * 60_000;

/** What keeps a try out. A person's command is kept out only by one that is under way. */
export function findCredentialBar(
  record: CredentialRecord | undefined,
  now: number,
  person: boolean,
): CredentialBar | undefined {
  if (record === undefined) return undefined;
  const { lease, refused, tries, worked, next_at: nextAt } = record;
  if (lease !== undefined && lease.until >= now) return { kind: 'busy' };
  if (person) return undefined;
  if (refused !== undefined) return { kind: 'refused', refusal: refused };
  if (tries < MOST_UNANSWERED) return undefined;
  if (!worked) return { kind: 'closed' };
  return nextAt === undefined || nextAt <= now ? undefined : { kind: 'closed', nextAt };
}

/** @returns the record after the write; `undefined`: nothing is written */
export function applyCredentialTransition(
  id: string,
  record: CredentialRecord | undefined,
  transition: CredentialTransition,
  now: number,
): CredentialRecord | undefined {
  switch (transition.kind) {
    case 'admit':
      return findCredentialBar(record, now, transition.person) === undefined
        ? admitted(record ?? { id, tries: 0, worked: false, updated_at: now }, transition, now)
        : undefined;
    case 'settle':
      return record?.lease?.attempt === transition.attempt ? settled(record, transition.outcome, now) : undefined;
    case 'reset':
      return record === undefined ? undefined : { id, tries: 0, worked: record.worked, updated_at: now };
  }
}

/** The try is counted before it is sent: whoever dies on the way leaves it counted (M5). */
function admitted(
  record: CredentialRecord,
  { attempt, ttlMs }: CredentialTransition & { readonly kind: 'admit' },
  now: number,
): CredentialRecord {
  const tries = record.tries + 1;
  return {
    ...record,
    tries,
    lease: { attempt, until: now + ttlMs },
    ...(tries < MOST_UNANSWERED ? {} : { next_at: now + PROBE_EVERY_MS }),
    updated_at: now,
  };
}

function settled(record: CredentialRecord, outcome: CredentialOutcome, now: number): CredentialRecord {
  const { lease: _lease, ...free } = { ...record, updated_at: now };
  switch (outcome.kind) {
    case 'worked': {
      const { next_at: _next, refused: _refused, ...clean } = free;
      return { ...clean, tries: 0, worked: true };
    }
    case 'untried':
      return { ...free, tries: Math.max(0, record.tries - 1) };
    case 'unanswered':
      return free;
    case 'refused': {
      const { next_at: _next, ...clean } = free;
      return { ...clean, tries: 0, refused: { ...outcome.refusal, at: now } };
    }
  }
}
