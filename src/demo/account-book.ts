/** Who may sign in, and who has tried too often. */
import type { ClientAccount, UserAccount } from './provider-behaviour.ts';

export type SignIn = 'right' | 'wrong' | 'locked';

export class AccountBook {
  readonly #secrets = new Map<string, string>();
  readonly #failures = new Map<string, number>();
  readonly #lockOutAfter: () => number | null;

  constructor(clients: readonly ClientAccount[], users: readonly UserAccount[], lockOutAfter: () => number | null) {
    this.#lockOutAfter = lockOutAfter;
    for (const { client_id, client_secret } of clients) this.setClient(client_id, client_secret);
    for (const { username, password } of users) this.setUser(username, password);
  }

  /** Makes or changes it, and unlocks it. */
  setClient(clientId: string, secret: string): void {
    this.#set(clientKey(clientId), secret);
  }

  /** Makes or changes it, and unlocks it. */
  setUser(username: string, password: string): void {
    this.#set(userKey(username), password);
  }

  signInUser(username: string, password: string): SignIn {
    return this.#signIn(userKey(username), [password]);
  }

  /** @param secrets readings of one presented secret: a single try */
  signInClient(clientId: string, secrets: readonly string[]): SignIn {
    return this.#signIn(clientKey(clientId), secrets);
  }

  hasClient(clientId: string): boolean {
    return this.#secrets.has(clientKey(clientId));
  }

  #set(account: string, secret: string): void {
    this.#secrets.set(account, secret);
    this.#failures.delete(account);
  }

  #signIn(account: string, secrets: readonly string[]): SignIn {
    const limit = this.#lockOutAfter();
    const failures = this.#failures.get(account) ?? 0;
    if (limit !== null && failures >= limit) return 'locked';
    const secret = this.#secrets.get(account);
    if (secret !== undefined && secrets.includes(secret)) this.#failures.delete(account);
    else this.#failures.set(account, failures + 1);
    return this.#failures.has(account) ? 'wrong' : 'right';
  }
}

function clientKey(clientId: string): string {
  return `client ${clientId}`;
}

function userKey(username: string): string {
  return `user ${username}`;
}
