/** The authorization server: what it answers to a token request, all the ways that it may. */
import type { ExchangeFailure, ExchangeOutcome } from '../../../src/exchange/exchange-outcome.ts';
import type { Grant } from '../../../src/token/attempt-plan.ts';
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import {
  breaks,
  fork,
  identity,
  type AuthorizationServer,
  type Draft,
  type Fault,
  type Settings,
  type World,
  type WrongTries,
} from './world.ts';

/** One way in which a request may go. */
export interface Answer {
  readonly what: string;
  readonly next: Draft;
  readonly outcome: ExchangeOutcome;
  readonly fault?: Fault;
}

export interface Request {
  readonly configuration: TokenConfiguration;
  readonly grant: Grant;
  /** Of a refresh. */
  readonly refreshToken?: string;
  /** The attempt has said in the record that it presents a token in doubt, or has outlived its lease. */
  readonly mayBeSpent: boolean;
  /** It has passed the start check long ago (G1's named exception), or was admitted before an edit. */
  readonly isUncounted: boolean;
}

export function answersTo(world: World, settings: Settings, request: Request): readonly Answer[] {
  return [
    ...(request.grant === 'refresh'
      ? refreshAnswers(world, settings, request)
      : primaryAnswers(world, settings, request)),
    ...mishaps(world, settings, request),
  ];
}

function mishaps(world: World, settings: Settings, { grant }: Request): readonly Answer[] {
  const transient = { class: 'transient' } as const;
  const failed5xx = grant === 'refresh' ? ({ class: 'in_doubt' } as const) : transient;
  return [
    { mishap: '429', failure: { ...transient, status: 429, sent: true } },
    { mishap: 'unreachable', failure: { ...transient, sent: false } },
    { fault: '5xx', failure: { ...failed5xx, status: 503, sent: true } },
  ].flatMap((row) => {
    const { mishap, fault, failure } = row as { mishap?: '429'; fault?: '5xx'; failure: FailureFacts };
    if (mishap === undefined ? !settings.faults.includes('5xx') : !settings.mishaps.includes(mishap)) return [];
    const what = mishap ?? '503 before anything was done';
    return [{ what, next: fork(world), outcome: failed(failure), ...(fault === undefined ? {} : { fault }) }];
  });
}

type FailureFacts = Pick<ExchangeFailure, 'class' | 'sent'> &
  Partial<Pick<ExchangeFailure, 'status' | 'refresh_token'>>;

function failed(facts: FailureFacts): ExchangeOutcome {
  return { ok: false, failure: { error: 'failed', message: '', step: 'token', origin: '', ...facts } };
}

function obtained(accessToken: string, refreshToken: string | undefined): ExchangeOutcome {
  return {
    ok: true,
    status: 200,
    origin: '',
    token: {
      access_token: accessToken,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      lifetime: { ms: 3_600_000, source: 'expires_in' },
      extra: {},
    },
  };
}

/** Whether a refresh with it would succeed. */
export function isAccepted(
  { families, familyOf }: AuthorizationServer,
  settings: Settings,
  refreshToken: string,
): boolean {
  const family = families[familyOf[refreshToken] ?? -1];
  if (family === undefined || family.isRevoked) return false;
  return family.current === refreshToken || (settings.rotation === 'grace' && family.previous === refreshToken);
}

/** Whether the secret is the right one. */
export function isRight(settings: Settings, { inputs }: TokenConfiguration): boolean {
  return !settings.wrongSecrets.includes(Number(inputs['secret']));
}

function refreshAnswers(world: World, settings: Settings, request: Request): readonly Answer[] {
  const { configuration, refreshToken = '' } = request;
  const next = fork(world);
  const needsSecret = settings.secret === 'client_secret';
  if (needsSecret && !isRight(settings, configuration)) {
    return [
      { what: 'the client is refused', next, outcome: failed({ class: 'configuration', status: 401, sent: true }) },
    ];
  }
  const refused = failed({ class: 'refresh_token', status: 400, sent: true });
  if (!isAccepted(next.server, settings, refreshToken)) {
    return [{ what: reused(next, settings, request, refreshToken), next, outcome: refused }];
  }
  return [...rotations(world, settings, request, refreshToken), ...revocations(world, settings, refreshToken, refused)];
}

/** A refresh token that is no longer good. One that was rotated away must not come by a normal refresh, and where there are other credentials not at all. */
function reused(draft: Draft, settings: Settings, { mayBeSpent }: Request, refreshToken: string): string {
  const { families, familyOf } = draft.server;
  const number = familyOf[refreshToken] ?? -1;
  const family = families[number];
  if (family === undefined || family.isRevoked) return 'the refresh token is refused';
  if (!mayBeSpent && settings.rotation === 'strict')
    breaks(draft, 'G1', 'a spent refresh token was presented by a normal refresh');
  if (settings.rotation === 'strict') {
    draft.server = { ...draft.server, families: { ...families, [number]: { ...family, isRevoked: true } } };
  }
  return 'the refresh token was used before: refused';
}

function revocations(
  world: World,
  settings: Settings,
  refreshToken: string,
  outcome: ExchangeOutcome,
): readonly Answer[] {
  if (!settings.faults.includes('revocation')) return [];
  const next = fork(world);
  const number = next.server.familyOf[refreshToken] ?? -1;
  const family = next.server.families[number];
  if (family === undefined) return [];
  const families = { ...next.server.families, [number]: { ...family, isRevoked: true } };
  next.server = { ...next.server, families };
  return [{ what: 'the provider has revoked the refresh token', next, outcome, fault: 'revocation' }];
}

function rotations(world: World, settings: Settings, request: Request, refreshToken: string): readonly Answer[] {
  const granted = (): { readonly next: Draft; readonly at: string; readonly rt: string | undefined } => {
    const next = fork(world);
    const rt = settings.rotation === 'none' ? undefined : successorOf(next, refreshToken);
    return { next, at: accessToken(next, request.configuration, accountRevOf(refreshToken)), rt };
  };
  return grants(settings, granted, 'in_doubt');
}

/** A request that was granted: its answer may come, may be lost, or may be of half a use. */
function grants(
  settings: Settings,
  granted: () => { readonly next: Draft; readonly at: string; readonly rt: string | undefined },
  lostClass: 'in_doubt' | 'transient',
): readonly Answer[] {
  const good = granted();
  const answers: Answer[] = [{ what: 'granted', next: good.next, outcome: obtained(good.at, good.rt) }];
  if (settings.faults.includes('lost-answer')) {
    const { next } = granted();
    answers.push({
      what: 'granted, the answer is lost',
      next,
      outcome: failed({ class: lostClass, sent: true }),
      fault: 'lost-answer',
    });
  }
  if (settings.faults.includes('refresh-token-only') && good.rt !== undefined) {
    const { next, rt } = granted();
    if (rt === undefined) return answers;
    const outcome = failed({ class: 'configuration', status: 200, sent: true, refresh_token: rt });
    answers.push({ what: 'only a refresh token of use comes', next, outcome, fault: 'refresh-token-only' });
  }
  return answers;
}

function successorOf(draft: Draft, refreshToken: string): string {
  const { families, familyOf } = draft.server;
  const number = familyOf[refreshToken] ?? -1;
  const successor = identity(draft, refreshToken.slice(refreshToken.indexOf(':') + 1));
  draft.server = {
    ...draft.server,
    familyOf: { ...familyOf, [successor]: number },
    families: { ...families, [number]: { current: successor, previous: refreshToken, isRevoked: false } },
  };
  return successor;
}

/** A refresh token of its own family. @param accountRev of the account that it is for */
export function newRefreshToken(draft: Draft, accountRev: number): string {
  const made = identity(draft, `r${accountRev}`);
  const number = draft.next;
  const { families, familyOf } = draft.server;
  draft.server = {
    ...draft.server,
    familyOf: { ...familyOf, [made]: number },
    families: { ...families, [number]: { current: made, isRevoked: false } },
  };
  return made;
}

function accessToken(draft: Draft, { secretRev }: TokenConfiguration, accountRev: number): string {
  return identity(draft, `t${accountRev}.${secretRev}`);
}

/** @returns 0 for a token by hand */
export function accountRevOf(token: string): number {
  return Number(/:[rt](\d+)/.exec(token)?.[1] ?? 0);
}

/** @returns `undefined` for a token by hand */
export function secretRevOf(accessToken: string): number | undefined {
  const found = /:t\d+\.(\d+)/.exec(accessToken)?.[1];
  return found === undefined ? undefined : Number(found);
}

function primaryAnswers(world: World, settings: Settings, request: Request): readonly Answer[] {
  const { configuration, isUncounted } = request;
  if (isRight(settings, configuration)) {
    return grants(settings, () => signedIn(fork(world), settings, configuration), 'transient');
  }
  const isPassword = settings.guarded || settings.secret === 'password';
  const refusal = failed({ class: isPassword ? 'credentials' : 'configuration', status: 401, sent: true });
  const refused = fork(world);
  countTry(refused, configuration, isUncounted);
  const answers: Answer[] = [{ what: 'the credentials are refused', next: refused, outcome: refusal }];
  if (settings.mishaps.includes('silence')) {
    const silent = fork(world);
    countTry(silent, configuration, isUncounted);
    silent.explained = Math.min(2, silent.explained + 1);
    answers.push({
      what: 'no answer to the wrong credentials',
      next: silent,
      outcome: failed({ class: 'transient', sent: true }),
    });
  }
  return answers;
}

function signedIn(
  draft: Draft,
  settings: Settings,
  configuration: TokenConfiguration,
): { readonly next: Draft; readonly at: string; readonly rt: string | undefined } {
  const at = accessToken(draft, configuration, configuration.accountRev);
  const rt = settings.primaryBringsRefreshToken ? newRefreshToken(draft, configuration.accountRev) : undefined;
  return { next: draft, at, rt };
}

/** G4: a wrong password is tried once where it is answered, and twice at most. */
function countTry(draft: Draft, { credentialId }: TokenConfiguration, isUncounted: boolean): void {
  if (credentialId === undefined) return;
  if (isUncounted) allowTry(draft, credentialId);
  const { sent, refusedAt, allowed } = changeTries(draft, credentialId, ({ sent: before }) => ({ sent: before + 1 }));
  if (refusedAt !== undefined && sent > refusedAt + allowed)
    breaks(draft, 'G4', 'a wrong password was sent again after its refusal was known');
  if (sent > 2 + allowed) breaks(draft, 'G4', `a wrong password was sent ${sent} times`);
}

function changeTries(
  draft: Draft,
  credentialId: string,
  change: (tries: WrongTries) => Partial<WrongTries>,
): WrongTries {
  const { wrongTries } = draft.server;
  const before = wrongTries[credentialId] ?? { sent: 0, allowed: 0 };
  const tries = { ...before, ...change(before) };
  draft.server = { ...draft.server, wrongTries: { ...wrongTries, [credentialId]: tries } };
  return tries;
}

/** The refusal has reached the guard. */
export function noteRefusal(draft: Draft, credentialId: string): void {
  changeTries(draft, credentialId, ({ sent, refusedAt = sent }) => ({ refusedAt }));
}

/** One more try with a wrong password is no fault: a person's command, or a quarter of an hour that has passed. */
export function allowTry(draft: Draft, credentialId: string): void {
  changeTries(draft, credentialId, ({ allowed }) => ({ allowed: allowed + 1 }));
}

/** An edit has reset the credential. */
export function forgetTries(draft: Draft, credentialId: string): void {
  const { [credentialId]: _forgotten, ...others } = draft.server.wrongTries;
  draft.server = { ...draft.server, wrongTries: others };
  draft.explained = 0;
  draft.workers = draft.workers.map((worker) => {
    const { doing } = worker;
    if (doing.kind !== 'attempt' || !doing.state.admitted) return worker;
    if (doing.state.plan.configuration.credentialId !== credentialId) return worker;
    return { ...worker, doing: { ...doing, isForgotten: true } };
  });
}
