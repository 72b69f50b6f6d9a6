/** Which class a refusal has: by its OAuth error code, then by its status (token-lifecycle §3.6). Two tables; a new code is a row. */
import { own } from '../kernel/json.ts';
import { dataOf } from './extraction.ts';
import type { Answer } from './answer.ts';
import type { FailureClass } from './exchange.ts';
import type { GrantKind } from './grant-kind.ts';
import type { Verdict } from './verdict.ts';

interface ErrorRow {
  readonly class: Readonly<Record<GrantKind, FailureClass>>;
  readonly advice: string;
  /** Where a refresh token was presented. */
  readonly refreshAdvice?: string;
}

const everywhere = (failure: FailureClass): ErrorRow['class'] => ({
  client: failure,
  login: failure,
  refresh: failure,
  end: failure,
});

/** What was presented is refused: the refresh token, the account; a client's own grant presents neither. */
const PRESENTED: ErrorRow['class'] = {
  client: 'configuration',
  login: 'credentials',
  refresh: 'refresh_token',
  end: 'configuration',
};

/** The client is refused. Where a password goes along it must not be sent again either. */
const CLIENT: ErrorRow['class'] = { ...everywhere('configuration'), login: 'credentials' };

const GRANT_REFUSED: ErrorRow = {
  class: PRESENTED,
  advice:
    'The user name, password or key is wrong, or the account is locked, expired or needs a second factor. Nothing is tried again until it is edited.',
  refreshAdvice: 'The refresh token is expired, revoked, or was used before.',
};
const SIGN_IN_NEEDED: ErrorRow = { class: PRESENTED, advice: 'The provider wants a person to sign in or to consent.' };
const NOT_NOW: ErrorRow = { class: everywhere('transient'), advice: 'It is tried again later.' };

/** RFC 6749 §5.2, RFC 8707 §2, OpenID Connect Core §3.1.2.6, and what providers send instead. */
const OAUTH_ERRORS: Readonly<Record<string, ErrorRow>> = {
  invalid_grant: GRANT_REFUSED,
  access_denied: { class: CLIENT, advice: 'The provider denies access to this account or client.' },
  invalid_client: {
    class: CLIENT,
    advice: 'The client is refused. Check client_id, client_secret and client_auth.',
  },
  unauthorized_client: {
    class: CLIENT,
    advice:
      'The client may not use this grant, or its secret is wrong. Check client_id, client_secret and the client’s settings at the provider.',
  },
  unsupported_grant_type: {
    class: everywhere('configuration'),
    advice: 'The token endpoint does not offer this grant. Choose another flow, or check token_url.',
  },
  invalid_scope: { class: everywhere('configuration'), advice: 'Check scope.' },
  invalid_target: { class: everywhere('configuration'), advice: 'Check the resource or audience among parameters.' },
  invalid_request: {
    class: everywhere('configuration'),
    advice: 'The request is not what the provider expects. Check client_auth, scope and parameters.',
  },
  interaction_required: SIGN_IN_NEEDED,
  login_required: SIGN_IN_NEEDED,
  consent_required: SIGN_IN_NEEDED,
  mfa_required: SIGN_IN_NEEDED,
  invalid_refresh_token: GRANT_REFUSED,
  expired_token: GRANT_REFUSED,
  invalid_token: GRANT_REFUSED,
  server_error: NOT_NOW,
  temporarily_unavailable: NOT_NOW,
  slow_down: NOT_NOW,
};

const OTHER_CODE: ErrorRow = { class: PRESENTED, advice: 'The provider refuses the request.' };

/** The `error` of a well-formed OAuth error object (RFC 6749 §5.2). */
export function oauthErrorOf(answer: Answer): string | undefined {
  const error = own(dataOf(answer), 'error');
  return typeof error === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(error) ? error : undefined;
}

/** The verdict on an answer whose status or body says no. */
export function verdictOnRefusal(answer: Answer, grant: GrantKind): Verdict {
  const code = oauthErrorOf(answer);
  const byStatus = verdictByStatus(answer.status, grant);
  if (code === undefined || answer.status === 407 || answer.status === 429) return withWords(byStatus, answer);
  const row = Object.hasOwn(OAUTH_ERRORS, code) ? OAUTH_ERRORS[code] : undefined;
  // An unknown code on a server's own failure says no more than the status does.
  if (row === undefined && answer.status >= 500) return withWords(byStatus, answer);
  const { class: classes, ...words } = row ?? OTHER_CODE;
  const advice = grant === 'refresh' ? (words.refreshAdvice ?? words.advice) : words.advice;
  const definite = answer.status < 500 || code === 'temporarily_unavailable';
  return withWords({ class: classes[grant], error: code, advice, definite }, answer);
}

function withWords(verdict: Verdict, answer: Answer): Verdict {
  const data = dataOf(answer);
  const words = [own(data, 'error_description'), own(data, 'message'), own(own(data, 'error'), 'message')];
  const detail = words.find((value) => typeof value === 'string' && value !== '');
  return typeof detail === 'string' ? { ...verdict, detail } : verdict;
}

function verdictByStatus(status: number, grant: GrantKind): Verdict {
  const row = STATUSES.find((candidate) => candidate.covers(status)) ?? OTHER_STATUS;
  const refused = row.class === 'by_grant' ? CLIENT[grant] : row.class;
  return { class: refused, error: `http_${status}`, advice: row.advice, definite: row.definite ?? false };
}

interface StatusRow {
  readonly covers: (status: number) => boolean;
  readonly class: FailureClass | 'by_grant';
  readonly advice: string;
  /** Default false: a refresh token that was presented is in doubt. */
  readonly definite?: boolean;
}

const STATUSES: readonly StatusRow[] = [
  {
    covers: (status) => status === 407,
    class: 'configuration',
    advice: 'A proxy on the way wants credentials. Check the proxy settings of this machine.',
    definite: true,
  },
  {
    covers: (status) => status === 429,
    class: 'transient',
    advice: 'The provider limits the rate. It is tried again later.',
    definite: true,
  },
  {
    covers: (status) => status === 408 || status === 425 || status >= 500,
    class: 'transient',
    advice: 'The provider is not available. It is tried again later.',
  },
  {
    covers: (status) => status === 400 || status === 401 || status === 403,
    class: 'by_grant',
    advice: 'The credentials or the request are refused, and the answer does not say why. Check them, and {url}.',
  },
  {
    covers: (status) => status === 404 || status === 405 || status === 410,
    class: 'configuration',
    advice: 'There is no token endpoint at this URL. Check {url}.',
  },
];

const OTHER_STATUS: StatusRow = {
  covers: () => true,
  class: 'configuration',
  advice: 'The provider does not take this request. Check {url} and client_auth.',
};
