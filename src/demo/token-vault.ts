/** The tokens that were issued, and what became of them: rotation, grace, reuse, revocation. State only; no HTTP, no credentials. */
import type { Clock } from '../kernel/clock.ts';
import { mintAccessToken } from './access-token.ts';
import type { ProviderBehaviour } from './provider-behaviour.ts';

/** Who signed in, and for what. */
export interface Session {
  readonly clientId: string;
  readonly username?: string;
  readonly scope?: string;
}

export interface IssuedTokens {
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly scope?: string;
  /** Absent where the answer brings none. */
  readonly refreshToken?: string;
}

export type RefreshOutcome =
  | { readonly outcome: 'issued'; readonly tokens: IssuedTokens; readonly session: Session }
  | {
      readonly outcome: 'refused';
      readonly reason: string;
      readonly replayed: boolean;
      readonly familyRevoked: boolean;
    };

/** Everything that comes from one sign-in. */
interface Family {
  revoked: boolean;
}

interface AccessToken {
  readonly text: string;
  readonly session: Session;
  readonly family: Family;
  readonly expiresAt: number;
  /** The refresh token that it came with. */
  companion: string | undefined;
  revoked: boolean;
}

interface RefreshToken {
  readonly text: string;
  readonly session: Session;
  readonly family: Family;
  readonly expiresAt: number;
  /** Epoch milliseconds of the first use; of rotating ones. */
  spentAt: number | undefined;
  successor: RefreshToken | undefined;
  revoked: boolean;
}

export interface VaultPorts {
  readonly clock: Clock;
  readonly behaviour: () => ProviderBehaviour;
}

/** Access tokens beyond which the expired ones are forgotten. */
const MOST_REMEMBERED = 20_000;

export class TokenVault {
  readonly #ports: VaultPorts;
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();

  constructor(ports: VaultPorts) {
    this.#ports = ports;
  }

  /** A sign-in. */
  issue(session: Session, withRefreshToken: boolean): IssuedTokens {
    const family = { revoked: false };
    const same = this.#sameToken(session);
    if (same !== undefined) return this.#describe(same, same.companion);
    const refresh = withRefreshToken ? this.#mintRefresh(session, family) : undefined;
    return this.#describe(this.#mintAccess(session, family, refresh?.text), refresh?.text);
  }

  refresh(text: string, clientId: string, scope?: string): RefreshOutcome {
    const token = this.#refresh.get(text);
    const now = this.#ports.clock.now();
    if (token === undefined || token.session.clientId !== clientId) return refused('The refresh token is unknown.');
    if (token.revoked || token.family.revoked) return refused('The refresh token is revoked.');
    if (token.expiresAt <= now) return refused('The refresh token has expired.');
    if (!covers(token.session.scope, scope)) return refused('The scope was not granted.');
    if (token.spentAt !== undefined && now - token.spentAt >= this.#ports.behaviour().graceMs)
      return this.#replayed(token);
    return { outcome: 'issued', tokens: this.#renew(token, scope), session: token.session };
  }

  isActive(accessToken: string): boolean {
    const token = this.#access.get(accessToken);
    return token !== undefined && this.#lives(token);
  }

  /** RFC 7009; of either kind. With a refresh token its whole family goes. @returns whether there was anything to revoke */
  revoke(text: string): boolean {
    const access = this.#access.get(text);
    const refresh = this.#refresh.get(text);
    if (access !== undefined) access.revoked = true;
    if (refresh !== undefined) refresh.family.revoked = true;
    return access !== undefined || refresh !== undefined;
  }

  /** Every access token that is good now stops being so; refresh tokens stay. @returns how many */
  revokeAccessTokens(): number {
    const living = [...this.#access.values()].filter((token) => this.#lives(token));
    for (const token of living) token.revoked = true;
    return living.length;
  }

  /** Access tokens of the account that are good now. */
  countActive(session: Session): number {
    return this.#ofAccount(session).length;
  }

  #renew(token: RefreshToken, scope: string | undefined): IssuedTokens {
    const { rotation, unrotatedAnswer, companionRevoke } = this.#ports.behaviour();
    const session = scope === undefined ? token.session : { ...token.session, scope };
    if (companionRevoke) this.#revokeCompanions(token.text);
    const same = this.#sameToken(session);
    if (rotation !== 'none') {
      const successor = this.#rotate(token);
      const access = same ?? this.#mintAccess(session, token.family, successor.text);
      access.companion = successor.text;
      return this.#describe(access, successor.text);
    }
    const shown = { omit: undefined, same: token.text, empty: '' }[unrotatedAnswer];
    return this.#describe(same ?? this.#mintAccess(session, token.family, token.text), shown);
  }

  #rotate(token: RefreshToken): RefreshToken {
    const { graceSuccessors } = this.#ports.behaviour();
    if (graceSuccessors === 'newest')
      for (let later = token.successor; later !== undefined; later = later.successor) later.revoked = true;
    token.spentAt ??= this.#ports.clock.now();
    token.successor = this.#mintRefresh(token.session, token.family);
    return token.successor;
  }

  #replayed({ family }: RefreshToken): RefreshOutcome {
    const familyRevoked = this.#ports.behaviour().rotation === 'rotate-revoke-family';
    if (familyRevoked) family.revoked = true;
    return { outcome: 'refused', reason: 'The refresh token was used before.', replayed: true, familyRevoked };
  }

  #sameToken(session: Session): AccessToken | undefined {
    return this.#ports.behaviour().sameToken ? this.#ofAccount(session).at(-1) : undefined;
  }

  #revokeCompanions(refreshToken: string): void {
    for (const token of this.#access.values()) if (token.companion === refreshToken) token.revoked = true;
  }

  #mintAccess(session: Session, family: Family, companion: string | undefined): AccessToken {
    const { clock, behaviour } = this.#ports;
    const { lifetimeMs, accessTokens, singleActive } = behaviour();
    if (singleActive) for (const earlier of this.#ofAccount(session)) earlier.revoked = true;
    const expiresAt = clock.now() + lifetimeMs;
    const text = mintAccessToken(accessTokens, {
      id: clock.uuid(),
      subject: accountOf(session),
      issuedAt: clock.now(),
      expiresAt,
    });
    const token = { text, session, family, expiresAt, companion, revoked: false };
    this.#forgetExpired();
    this.#access.set(text, token);
    return token;
  }

  #mintRefresh(session: Session, family: Family): RefreshToken {
    const { clock, behaviour } = this.#ports;
    const text = `rt_${clock.uuid()}`;
    const expiresAt = clock.now() + behaviour().refreshLifetimeMs;
    const token = { text, session, family, expiresAt, spentAt: undefined, successor: undefined, revoked: false };
    this.#refresh.set(text, token);
    return token;
  }

  #forgetExpired(): void {
    if (this.#access.size < MOST_REMEMBERED) return;
    for (const [text, { expiresAt }] of this.#access)
      if (expiresAt <= this.#ports.clock.now()) this.#access.delete(text);
  }

  #ofAccount(session: Session): readonly AccessToken[] {
    const account = accountOf(session);
    return [...this.#access.values()].filter((token) => accountOf(token.session) === account && this.#lives(token));
  }

  #lives({ revoked, family, expiresAt }: AccessToken): boolean {
    return !revoked && !family.revoked && expiresAt > this.#ports.clock.now();
  }

  #describe({ text, expiresAt, session }: AccessToken, refreshToken: string | undefined): IssuedTokens {
    return {
      accessToken: text,
      expiresAt,
      ...(session.scope === undefined ? {} : { scope: session.scope }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
  }
}

function accountOf({ clientId, username, scope }: Session): string {
  return JSON.stringify([clientId, username ?? null, scope ?? null]);
}

function refused(reason: string): RefreshOutcome {
  return { outcome: 'refused', reason, replayed: false, familyRevoked: false };
}

/** RFC 6749 §6: not more than was granted. */
function covers(granted: string | undefined, asked: string | undefined): boolean {
  const scopes = new Set(granted?.split(' '));
  return asked === undefined || asked.split(' ').every((scope) => scopes.has(scope));
}
