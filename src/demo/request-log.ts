/** What was asked of the provider and what came of it: counters, and one line a token request. Tokens stand in it as fingerprints. */
import { createHash } from 'node:crypto';
import type { GrantName } from './provider-behaviour.ts';

export interface TokenRequestEntry {
  /** From 1, in the order of arrival. */
  readonly sequence: number;
  /** Epoch milliseconds, the provider's clock. */
  readonly at: number;
  /** As sent, where it was readable; `login` and `session_token` are the steps of the provider's own log-in. */
  readonly grant?: string;
  readonly client_id?: string;
  /** Who sent it, as its `User-Agent` has it (RFC 9110 §10.1.5). */
  readonly user_agent?: string;
  readonly username?: string;
  readonly scope?: string;
  /** RFC 8707; several are separated by a blank. */
  readonly resource?: string;
  readonly audience?: string;
  /** Fingerprint of the refresh token that was presented. */
  readonly presented?: string;
  /** `fault`: it was not processed. */
  readonly outcome: 'issued' | 'refused' | 'fault';
  readonly status: number;
  readonly error?: string;
  /** The fault that met it; with outcome `issued` the answer went wrong afterwards. */
  readonly fault?: string;
  /** Fingerprints of what was issued. */
  readonly access_token?: string;
  readonly refresh_token?: string;
  /** A refresh token was presented that had been used before. */
  readonly replayed?: boolean;
  readonly family_revoked?: boolean;
}

export interface ProviderCounters {
  readonly tokenRequests: number;
  readonly byGrant: Readonly<Record<GrantName | 'login', number>>;
  readonly issued: number;
  readonly refused: number;
  /** Token requests that met a fault, processed or not. */
  readonly faults: number;
  /** Refresh tokens that were presented after they had been used. */
  readonly replays: number;
  readonly familiesRevoked: number;
  readonly wrongCredentials: number;
  /** Token requests refused because the account was locked. */
  readonly lockedOut: number;
  /** Token requests refused because there were too many in one second. */
  readonly rateLimited: number;
  readonly revocations: number;
  /** Most access tokens that an account had at once; counted where `maxSessions` is set. */
  readonly mostSessions: number;
  /** Token requests being worked on now, and most ever at once. */
  readonly inFlight: number;
  readonly maxInFlight: number;
  readonly api: {
    readonly ok: number;
    readonly unauthorized: number;
    readonly notFound: number;
    readonly faults: number;
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

/** Lines that are kept; the oldest go first. */
const MOST_ENTRIES = 20_000;

export class RequestLog {
  #entries: TokenRequestEntry[] = [];
  #sequence = 0;
  #counters: Mutable<ProviderCounters> = zeroes();
  #ended: string[] = [];
  readonly #onEntry: (entry: TokenRequestEntry) => void;

  constructor(onEntry: (entry: TokenRequestEntry) => void) {
    this.#onEntry = onEntry;
  }

  get counters(): ProviderCounters {
    return structuredClone(this.#counters);
  }

  get entries(): readonly TokenRequestEntry[] {
    return [...this.#entries];
  }

  /** Fingerprints of the tokens that were revoked or logged out by whoever held them, in that order. */
  get ended(): readonly string[] {
    return [...this.#ended];
  }

  /** What is in flight stays counted. */
  reset(): void {
    const { inFlight } = this.#counters;
    this.#counters = { ...zeroes(), inFlight, maxInFlight: inFlight };
    this.#entries = [];
    this.#ended = [];
  }

  enter(): number {
    this.#counters.inFlight += 1;
    this.#counters.maxInFlight = Math.max(this.#counters.maxInFlight, this.#counters.inFlight);
    return ++this.#sequence;
  }

  leave(): void {
    this.#counters.inFlight -= 1;
  }

  record(entry: TokenRequestEntry, grant: GrantName | 'login' | undefined): void {
    const counters = this.#counters;
    counters.tokenRequests += 1;
    if (grant !== undefined) counters.byGrant[grant] += 1;
    if (entry.outcome === 'issued') counters.issued += 1;
    if (entry.outcome === 'refused') counters.refused += 1;
    if (entry.fault !== undefined) counters.faults += 1;
    if (entry.replayed === true) counters.replays += 1;
    if (entry.family_revoked === true) counters.familiesRevoked += 1;
    this.#entries.push(entry);
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
    this.#onEntry(entry);
  }

  count(name: 'wrongCredentials' | 'lockedOut' | 'rateLimited'): void {
    this.#counters[name] += 1;
  }

  /** @param token what was revoked, or logged out */
  noteEnded(token: string): void {
    this.#counters.revocations += 1;
    this.#ended.push(fingerprint(token));
  }

  /** @param now how many an account has */
  noteSessions(now: number): void {
    this.#counters.mostSessions = Math.max(this.#counters.mostSessions, now);
  }

  countApi(name: keyof ProviderCounters['api']): void {
    this.#counters.api[name] += 1;
  }
}

/** Twelve hexadecimal digits of its SHA-256: enough to tell tokens apart, useless as a token. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}

function zeroes(): Mutable<ProviderCounters> {
  return {
    tokenRequests: 0,
    byGrant: { password: 0, client_credentials: 0, refresh_token: 0, login: 0 },
    issued: 0,
    refused: 0,
    faults: 0,
    replays: 0,
    familiesRevoked: 0,
    wrongCredentials: 0,
    lockedOut: 0,
    rateLimited: 0,
    revocations: 0,
    mostSessions: 0,
    inFlight: 0,
    maxInFlight: 0,
    api: { ok: 0, unauthorized: 0, notFound: 0, faults: 0 },
  };
}
