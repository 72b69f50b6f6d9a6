/** The grants of the simulated authorization server. Decides; the provider around it does HTTP, faults and the log. */
import type { AccountBook } from './account-book.ts';
import type { Json } from '../kernel/json.ts';
import { GRANT_NAMES } from './provider-behaviour.ts';
import type { GrantName, ProviderBehaviour } from './provider-behaviour.ts';
import type { PresentedClient, TokenRequest } from './token-request.ts';
import type { IssuedTokens, Session, TokenVault } from './token-vault.ts';

export type GrantOutcome =
  | { readonly outcome: 'issued'; readonly tokens: IssuedTokens; readonly session: Session }
  | {
      readonly outcome: 'refused';
      readonly error: string;
      readonly description: string;
      readonly wrongCredentials: boolean;
      readonly lockedOut: boolean;
      readonly replayed: boolean;
      readonly familyRevoked: boolean;
    };

export interface AuthorizationServerPorts {
  readonly accounts: AccountBook;
  readonly vault: TokenVault;
  readonly behaviour: () => ProviderBehaviour;
}

type Refusal = Extract<GrantOutcome, { outcome: 'refused' }>;
type Grant = (request: TokenRequest, clientId: string, ports: AuthorizationServerPorts) => GrantOutcome;

/** A new grant is one function and one row. */
const GRANTS: Readonly<Record<GrantName, Grant>> = {
  password: ({ parameters }, clientId, ports) => {
    const { username, password, scope } = parameters;
    if (username === undefined || password === undefined)
      return refuse('invalid_request', 'username and password are required.');
    const signIn = ports.accounts.signInUser(username, password);
    if (signIn === 'wrong') return refuse('invalid_grant', 'Wrong user name or password.', { wrongCredentials: true });
    if (signIn === 'locked') return refuse('invalid_grant', 'The account is locked.', { lockedOut: true });
    return issue({ clientId, username, ...(scope === undefined ? {} : { scope }) }, 'password', ports);
  },
  client_credentials: ({ parameters: { scope } }, clientId, ports) =>
    issue({ clientId, ...(scope === undefined ? {} : { scope }) }, 'client_credentials', ports),
  refresh_token: ({ parameters: { refresh_token, scope } }, clientId, { vault }) => {
    if (refresh_token === undefined) return refuse('invalid_request', 'refresh_token is required.');
    const outcome = vault.refresh(refresh_token, clientId, scope);
    return outcome.outcome === 'issued' ? outcome : refuse('invalid_grant', outcome.reason, outcome);
  },
};

export function grantNameOf({ parameters }: TokenRequest): GrantName | undefined {
  return GRANT_NAMES.find((name) => name === parameters['grant_type']);
}

export function decideGrant(request: TokenRequest, ports: AuthorizationServerPorts): GrantOutcome {
  const grant = grantNameOf(request);
  if (request.parameters['grant_type'] === undefined) return refuse('invalid_request', 'grant_type is required.');
  if (grant === undefined) return refuse('unsupported_grant_type', 'There is no such grant here.');
  const client = authenticate(request.client, grant, ports);
  return typeof client === 'string' ? GRANTS[grant](request, client, ports) : client;
}

/** RFC 6749 §5.2: 401 where the Authorization header was used, and then with a challenge. */
export function refusalStatus(error: string, request: TokenRequest): 400 | 401 {
  return error === 'invalid_client' && request.client?.method !== 'post' ? 401 : 400;
}

/** @param now epoch milliseconds @returns the fields of RFC 6749 §5.1, bent as the behaviour wants */
export function tokenFields(
  tokens: IssuedTokens,
  behaviour: ProviderBehaviour,
  now: number,
): Readonly<Record<string, Json>> {
  const seconds = Math.max(0, Math.round((tokens.expiresAt - now) / 1_000));
  const expiresIn = { number: { expires_in: seconds }, string: { expires_in: String(seconds) }, absent: {} };
  const fields: Record<string, Json> = {
    access_token: tokens.accessToken,
    token_type: 'Bearer',
    ...expiresIn[behaviour.expiresIn],
    ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
    ...(tokens.scope === undefined ? {} : { scope: tokens.scope }),
    ...behaviour.fields,
  };
  const kept = Object.entries(fields).filter(([name]) => !isLeftOut(name, behaviour));
  return behaviour.wrap === null ? Object.fromEntries(kept) : { [behaviour.wrap]: Object.fromEntries(kept) };
}

function isLeftOut(name: string, { omitFields, tokenHeader }: ProviderBehaviour): boolean {
  return omitFields.includes(name) || (name === 'access_token' && tokenHeader !== null);
}

/** @returns the client's id; empty where the grant does without */
function authenticate(
  client: PresentedClient | undefined,
  grant: GrantName,
  { accounts, behaviour }: AuthorizationServerPorts,
): string | Refusal {
  const optional = grant !== 'client_credentials' && !behaviour().clientRequired;
  if (client === undefined) return optional ? '' : refuse('invalid_client', 'The client does not say who it is.');
  const known = client.readings.find(({ client_id }) => accounts.hasClient(client_id)) ?? client.readings[0];
  if (known === undefined) return refuse('invalid_client', 'The client is unknown.');
  const secrets = client.readings
    .filter(({ client_id }) => client_id === known.client_id)
    .map(({ client_secret }) => client_secret);
  const signIn = accounts.signInClient(known.client_id, secrets);
  if (signIn === 'locked') return refuse('invalid_client', 'The client is locked.', { lockedOut: true });
  if (signIn === 'wrong')
    return refuse('invalid_client', 'The client is unknown, or its secret wrong.', { wrongCredentials: true });
  return known.client_id;
}

function issue(session: Session, grant: GrantName, { vault, behaviour }: AuthorizationServerPorts): GrantOutcome {
  const { maxSessions, refreshTokenFor } = behaviour();
  if (maxSessions !== null && vault.countActive(session) >= maxSessions)
    return refuse('invalid_request', 'Too many sessions.');
  return { outcome: 'issued', tokens: vault.issue(session, refreshTokenFor.includes(grant)), session };
}

function refuse(error: string, description: string, facts: Partial<Refusal> = {}): Refusal {
  const { wrongCredentials = false, lockedOut = false, replayed = false, familyRevoked = false } = facts;
  return { outcome: 'refused', error, description, wrongCredentials, lockedOut, replayed, familyRevoked };
}
