/**
 * The state that is explored: store, workers, editors, authorization server and what is left of each kind of event. Plain immutable data; an event makes
 * a {@link Draft} of it. Instants are `NOW`, before it or after it, for nothing in the protocol asks for more.
 */
import type { AttemptState } from '../../../src/token/attempt.ts';
import type { CredentialRecord } from '../../../src/token/credential-record.ts';
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { Save, TokenTransition } from '../../../src/token/token-transition.ts';
import type { ExchangeOutcome } from '../../../src/exchange/exchange-outcome.ts';

/** The store's clock. It stands still; what was due later is made due by an event. */
export const NOW = 1_700_000_000_000;
export const PAST = NOW - 1_000;
export const FUTURE = NOW + 3_600_000;

/** What may go wrong. Each time costs one of `budget.faults`. */
export type Fault =
  | 'crash'
  /** Between the start check and the first byte, or between sending and saving: past the lease. */
  | 'stall'
  /** A write was made and its reply did not come. */
  | 'lost-reply'
  /** A write was not made, and nobody knows. */
  | 'outage'
  /** A write whose sender has given it up is made later all the same. */
  | 'late-write'
  /** The server did what was asked, and the answer did not arrive. */
  | 'lost-answer'
  /** A server error before anything was done. */
  | '5xx'
  /** A refresh token without a usable access token. */
  | 'refresh-token-only'
  /** The provider refuses a refresh token that was good. */
  | 'revocation'
  /** Whoever edits dies between the two writes. */
  | 'editor-crash';

/** What costs nothing, because it changes little. */
export type Mishap =
  | '429'
  | 'unreachable'
  /** An attempt is so slow before its start check that it gives up. */
  | 'slow'
  /** Sign-ins that fail are not answered (test 81). */
  | 'silence';

export type Edit =
  | 'account'
  | 'secret'
  /** The same secret again. */
  | 'same-secret'
  | 'server'
  | 'access-token'
  /** Only the times of the access token. */
  | 'times'
  | 'refresh-token'
  | 'clear'
  | 'removal';

export interface Budget {
  readonly faults: number;
  readonly edits: number;
  /** How often an access token may expire. */
  readonly expiries: number;
  /** `token refresh` commands. */
  readonly commands: number;
  /** How often a quarter of an hour passes for a closed credential. */
  readonly quarters: number;
}

export interface Settings {
  readonly workers: number;
  /** How many records share the credential. */
  readonly records: number;
  readonly hasPrimary: boolean;
  /** Whether a primary grant passes the credential guard. */
  readonly guarded: boolean;
  readonly hasWorked: boolean;
  /** What a refresh does to the refresh token. `strict`: reuse revokes its family. `grace`: the predecessor brings another successor, the newest wins. */
  readonly rotation: 'none' | 'strict' | 'grace';
  /** Whether a primary grant brings a refresh token. */
  readonly primaryBringsRefreshToken: boolean;
  /** Whether tokens that nobody uses are ended (M10). */
  readonly ends: boolean;
  /** Secrets, by their number, that the provider refuses. Edits count up from 0. */
  readonly wrongSecrets: readonly number[];
  /** `password`: a refresh does without it. */
  readonly secret: 'password' | 'client_secret';
  readonly start: 'no-record' | 'empty' | 'expired';
  readonly faults: readonly Fault[];
  readonly mishaps: readonly Mishap[];
  readonly edits: readonly Edit[];
  readonly spools: boolean;
  readonly budget: Budget;
}

export interface Integration {
  /** Another one after a removal. */
  readonly generation: number;
  readonly rev: number;
  readonly accountRev: number;
  readonly secretRev: number;
  readonly account: number;
  readonly secret: number;
}

/** What is known of an attempt for the invariants alone. */
export interface Ghost {
  readonly epoch: number;
  /** Somebody else has changed the access token since the acquire. */
  readonly isAtOvertaken: boolean;
  /** Somebody else has changed the refresh token since, a later attempt or a person. */
  readonly isRtOvertaken: boolean;
  readonly hasLanded: boolean;
  /** A save of it had an unknown outcome. */
  readonly isSaveUnknown: boolean;
}

export interface Attempting {
  readonly kind: 'attempt';
  readonly state: AttemptState;
  /** Of a step `send`: before the start check, held up after it, or sent and not answered. */
  readonly phase: 'ready' | 'held-back' | 'sent';
  readonly outcome?: ExchangeOutcome;
  /** The pending write had an unknown outcome. */
  readonly isRepeated: boolean;
  readonly isSpooled: boolean;
  /** The next start check will fail. */
  readonly isLate: boolean;
  /** It has outlived its lease with a request in flight or an answer in hand: G1's named exception. */
  readonly isStalled: boolean;
  /** The guard has forgotten it: an edit has reset the credential since it was admitted, whose new count it is no part of. */
  readonly isForgotten: boolean;
  /** Requests since the lease was last made to last. */
  readonly requests: number;
  /** It has written that it presents a refresh token in doubt. */
  readonly replays: boolean;
  readonly ghost?: Ghost;
}

export type Doing =
  | { readonly kind: 'idle' }
  /** Before the insert. */
  | { readonly kind: 'inserting'; readonly configuration: TokenConfiguration }
  /** The integration is to be read again. */
  | { readonly kind: 'inserted' }
  /** Before the first write that brings the record up. */
  | { readonly kind: 'preparing'; readonly configuration: TokenConfiguration }
  | Attempting;

export const IDLE: Doing = { kind: 'idle' };

export interface Worker {
  /** Which of the records that share a credential. */
  readonly scope: number;
  readonly held: TokenConfiguration;
  readonly doing: Doing;
}

/** An edit whose first write is made. */
export type Editor =
  | {
      readonly kind: 'edit';
      readonly stage: 'look' | 'record' | 'forgive' | 'guard';
      readonly integration: Integration;
      /** As it was read after the record. */
      readonly read?: Integration;
      readonly forgives: boolean;
      readonly resets: boolean;
    }
  | { readonly kind: 'removal'; readonly generation: number };

export interface Spooled {
  readonly recordId: string;
  readonly save: Save;
  readonly ghost: Ghost;
}

/** A write that is on its way to the store. */
export interface Underway {
  readonly recordId: string;
  readonly write: TokenTransition;
  readonly ghost?: Ghost;
}

/** The successors of one refresh token. */
export interface Family {
  readonly current: string;
  readonly previous?: string;
  readonly isRevoked: boolean;
}

export interface AuthorizationServer {
  readonly familyOf: Readonly<Record<string, number>>;
  readonly families: Readonly<Record<number, Family>>;
  /** Tries with a wrong secret since the credential's last edit, by the guard's id. */
  readonly wrongTries: Readonly<Record<string, WrongTries>>;
}

export interface WrongTries {
  readonly sent: number;
  /** How many had been sent when the guard came to know that it is wrong. */
  readonly refusedAt?: number;
  /** What a person's commands and the quarters of an hour have allowed besides. */
  readonly allowed: number;
}

export interface Broken {
  readonly invariant: Invariant;
  readonly what: string;
}

export type Invariant = 'G1' | 'G2' | 'G3' | 'G4' | 'G6' | 'M10' | 'liveness';

export interface World {
  readonly integration?: Integration;
  /** Of the last integration; another one gets the next number. */
  readonly lastGeneration: number;
  readonly records: Readonly<Record<string, TokenRecord>>;
  readonly guards: Readonly<Record<string, CredentialRecord>>;
  readonly spool: readonly Spooled[];
  readonly underway: readonly Underway[];
  readonly editors: readonly Editor[];
  readonly workers: readonly Worker[];
  readonly server: AuthorizationServer;
  readonly budget: Budget;
  /** The marks of the newest edit that was acknowledged. */
  readonly acknowledged: { readonly accountRev: number; readonly secretRev: number };
  /** Access tokens of primary grants that are neither stored nor ended and that nothing excuses. */
  readonly sessions: readonly string[];
  /** Faults, at most 2, since the guard was last reset: what explains that it is closed. */
  readonly explained: number;
  /** Of new identities; no part of what is compared. */
  readonly next: number;
  readonly broken?: Broken;
}

/** A world in the making. */
export type Draft = { -readonly [K in keyof World]: World[K] };

export function fork(world: World): Draft {
  return { ...world };
}

/** A new identity. The mark in front of it is what the canonical form renames. @param facts what of it is compared */
export function identity(draft: Draft, facts = ''): string {
  draft.next += 1;
  return `~${draft.next}:${facts}`;
}

export function breaks(draft: Draft, invariant: Invariant, what: string): void {
  draft.broken ??= { invariant, what };
}

export function replaceWorker(draft: Draft, index: number, worker: Partial<Worker>): void {
  draft.workers = draft.workers.map((other, at) => (at === index ? { ...other, ...worker } : other));
}
