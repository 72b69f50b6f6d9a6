/** Who takes part in the comparison, and what each process of a contender is told. */
import type { ClientAccount, UserAccount } from '../../src/demo/provider-behaviour.ts';

/**
 * How the processes come by their first token. `sign-in`: a person has signed in, and they hold what that brought (as after the authorization code
 * grant) · `password`: they know the password of an account · `client_credentials`: they know the client's alone.
 */
export type Grant = 'sign-in' | 'password' | 'client_credentials';

/** What a person's sign-in brought. */
export interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  /** Seconds. */
  readonly expires_in: number;
}

/** The same for all processes of one contender; it goes to them as JSON. */
export interface Site {
  readonly grant: Grant;
  /** Of the authorization server; its metadata (RFC 8414) is below it. */
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly client: ClientAccount;
  /** With grant `sign-in` it is the person's, and a process that used it would be cheating. */
  readonly account: UserAccount;
  /** With grant `sign-in` alone. */
  readonly session?: Session;
  /** For whatever the processes share. */
  readonly directory: string;
  /** A database of their own, where there is a MongoDB. */
  readonly mongodb?: string;
}

/** Calls the API once, with a token. Rejects where no answer came, or another than 200. */
export type Task = () => Promise<void>;

export interface Contender {
  /** Whether it ever presents a refresh token. */
  readonly refreshes: boolean;
  /** What it judges an expiry by: `Date` of its process, or the clock of a store that the processes share. */
  readonly clock: 'process' | 'store';
  /** Once, before the processes start. */
  readonly install: (site: Site) => Promise<void>;
  /** In each process. @param clockOffsetMs how far all clocks have been moved on, for a contender that doesn't ask `Date` */
  readonly start: (site: Site, clockOffsetMs: () => number) => Promise<Task>;
}

/** What every task calls. */
export function booksUrl({ apiUrl }: Site): string {
  return `${apiUrl}/books`;
}

/** @throws {Error} that names the status, where it is not 200 */
export function expectOk({ status }: { readonly status: number }): void {
  if (status !== 200) throw new Error(`the API answered ${status}`);
}
