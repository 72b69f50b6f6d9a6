/**
 * What is kept beside a token's record about the machine, and how a record reads in its light (docs/token-lifecycle.md, "SQLite"). A lease is over when its
 * holder is gone, its boot is over, or its monotonic deadline has passed; a token expires at the earlier of its wall and monotonic instants. The
 * transitions know nothing of this: they are given a record whose instants say it. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AccessTokenPart, Lease, TokenRecord } from '../../../src/token/token-record.ts';
import type { Host, ProcessIdentity } from './host.ts';

/** Each fact counts only while the record still says what it was made for: an edit by hand cuts it off. */
export interface HostFacts {
  readonly lease?: LeaseFact;
  readonly at?: {
    readonly id: string;
    readonly expires_at: number;
    readonly boot: string;
    readonly deadlineMs: number;
  };
}

/** Who holds a lease, and until when by a clock that no one steps. */
export interface LeaseFact {
  readonly attempt: string;
  readonly until: number;
  readonly boot?: string;
  readonly process: ProcessIdentity;
  readonly deadlineMs: number;
}

/** What every lease says, whatever it is a lease of. */
type AnyLease = Pick<Lease, 'attempt' | 'until'>;

/** Two instants, both of the store's clock as it is now. */
export interface HostTime {
  readonly now: number;
  readonly monotonicMs: number;
}

/** Clocks that drift apart by less are not stepped, just adjusted (NTP slews 1.8 s an hour at most). */
const STEP_MS = 2_000;

/** The record as it holds now. The very same object where wall and machine agree. */
export function inLightOf(host: Host, facts: HostFacts | undefined, record: TokenRecord, time: HostTime): TokenRecord {
  if (facts === undefined) return record;
  const lease = effectiveLease(host, facts.lease, record.lease, time);
  const at = effectiveAccessToken(host, facts.at, record.at, time);
  if (lease === record.lease && at === record.at) return record;
  return { ...record, at, ...(lease === undefined ? {} : { lease }) };
}

/** A lease as it holds now: over where its holder is gone, else to its monotonic deadline. The very same object where wall and machine agree. */
export function effectiveLease<L extends AnyLease>(
  host: Host,
  fact: LeaseFact | undefined,
  lease: L | undefined,
  { now, monotonicMs }: HostTime,
): L | undefined {
  if (lease === undefined || fact?.attempt !== lease.attempt || fact.until !== lease.until) return lease;
  if (isOver(host, fact)) return { ...lease, until: Math.min(lease.until, now - 1) };
  if (fact.boot === undefined || fact.boot !== host.boot) return lease;
  const until = now + (fact.deadlineMs - monotonicMs);
  return Math.abs(until - lease.until) < STEP_MS ? lease : { ...lease, until };
}

function isOver(host: Host, fact: LeaseFact): boolean {
  if (fact.boot !== undefined && host.boot !== undefined && fact.boot !== host.boot) return true;
  return fact.process.namespace === host.process.namespace && host.isGone(fact.process);
}

function effectiveAccessToken(
  host: Host,
  fact: HostFacts['at'],
  at: AccessTokenPart,
  { now, monotonicMs }: HostTime,
): AccessTokenPart {
  if (fact === undefined || fact.id !== at.id || fact.expires_at !== at.expires_at || fact.boot !== host.boot)
    return at;
  const steppedMs = now + (fact.deadlineMs - monotonicMs) - fact.expires_at;
  return steppedMs > -STEP_MS ? at : movedBy(steppedMs, at);
}

/** The wall clock was set back: every instant of the token moves with it. */
function movedBy(ms: number, at: AccessTokenPart): AccessTokenPart {
  return {
    ...at,
    ...(at.issued_at === undefined ? {} : { issued_at: at.issued_at + ms }),
    ...(at.expires_at === undefined ? {} : { expires_at: at.expires_at + ms }),
    ...(at.soft_at === undefined ? {} : { soft_at: at.soft_at + ms }),
    ...(at.hard_at === undefined ? {} : { hard_at: at.hard_at + ms }),
  };
}

/** What is written after a transition: parts that it left alone are stored as they were, with their facts; new ones get this process's. */
export function afterTransition(
  host: Host,
  stored: { readonly record: TokenRecord; readonly facts: HostFacts | undefined },
  seen: TokenRecord,
  next: TokenRecord,
  time: HostTime,
): { readonly record: TokenRecord; readonly facts: HostFacts | undefined } {
  const keepsLease = isDeepStrictEqual(next.lease, seen.lease);
  const keepsToken = isSameToken(next.at, seen.at);
  const lease = keepsLease ? stored.record.lease : next.lease;
  const at = keepsToken ? withTimesOf(stored.record.at, next.at) : next.at;
  const record = { ...next, at, ...(lease === undefined ? {} : { lease }) };
  const leaseFact =
    lease === undefined ? undefined : keepsLease ? stored.facts?.lease : newLeaseFact(host, lease, time);
  const atFact = keepsToken ? stored.facts?.at : newTokenFact(host, next.at, time);
  if (leaseFact === undefined && atFact === undefined) return { record, facts: undefined };
  const facts = {
    ...(leaseFact === undefined ? {} : { lease: leaseFact }),
    ...(atFact === undefined ? {} : { at: atFact }),
  };
  return { record, facts };
}

const TIMES = ['issued_at', 'expires_at', 'soft_at', 'hard_at'] as const satisfies readonly (keyof AccessTokenPart)[];

/** Also one that was sealed anew meanwhile. */
function isSameToken(next: AccessTokenPart, seen: AccessTokenPart): boolean {
  return next.id === seen.id && TIMES.every((name) => next[name] === seen[name]);
}

function withTimesOf(stored: AccessTokenPart, next: AccessTokenPart): AccessTokenPart {
  const times = TIMES.map((name) => [name, stored[name]] as const).filter(([, at]) => at !== undefined);
  return { ...next, ...(Object.fromEntries(times) as Partial<AccessTokenPart>) };
}

/** What this process knows of a lease that it has just written. */
export function newLeaseFact(host: Host, lease: AnyLease, { now, monotonicMs }: HostTime): LeaseFact {
  return {
    attempt: lease.attempt,
    until: lease.until,
    ...(host.boot === undefined ? {} : { boot: host.boot }),
    process: host.process,
    deadlineMs: monotonicMs + (lease.until - now),
  };
}

function newTokenFact(host: Host, at: AccessTokenPart, { now, monotonicMs }: HostTime): HostFacts['at'] {
  if (at.expires_at === undefined || host.boot === undefined) return undefined;
  return {
    id: at.id,
    expires_at: at.expires_at,
    boot: host.boot,
    deadlineMs: monotonicMs + (at.expires_at - now),
  };
}
