/** What an attempt writes, made once so that it can be sent twice. Pure but for the cipher and chance, which come in. */
import type { ExchangedToken, ExchangeFailure } from '../exchange/exchange-outcome.ts';
import type { Cipher } from '../kernel/cipher.ts';
import { leaseTtlMs, type AttemptBase, type AttemptPlan, type Grant } from './attempt-plan.ts';
import type { Failed } from './failure.ts';
import { learnedFrom, spreadOf, tokenTimes } from './lifetime.ts';
import type { AccessTokenPart } from './token-record.ts';
import type { Acquire, AcquiredBase, Extend, Fail, NewRefreshToken, Save } from './token-transition.ts';

export interface WriteTools {
  readonly cipher: Cipher;
  /** In [0, 1). */
  readonly random: () => number;
  /** A new identity. */
  readonly uuid: () => string;
}

const FORCED_RENEWAL_FIRST_MS = 60_000;
const FORCED_RENEWAL_MAX_MS = 3_600_000;

export function acquireOf(plan: AttemptPlan): Acquire {
  const { configuration, seen, rejected } = plan;
  return {
    kind: 'acquire',
    ifId: seen.at.id,
    ifRev: configuration.rev,
    cfgFp: configuration.cfgFp,
    pastFailure: plan.person,
    presents: configuration.presentsRefreshToken,
    offersRefused: plan.offersRefused,
    holder: plan.holder,
    attempt: plan.attempt,
    reason: plan.reason,
    ttlMs: leaseTtlMs(plan),
    ...(rejected?.id === seen.at.id ? { rejects: { id: rejected.id, nextMs: nextForcedRenewalMs(plan) } } : {}),
  };
}

/** Renewals that the API's refusals force back off, until a call succeeds with what they brought. */
function nextForcedRenewalMs({ seen }: AttemptPlan): number {
  return Math.min(FORCED_RENEWAL_MAX_MS, FORCED_RENEWAL_FIRST_MS * 2 ** Math.min(seen.rejected?.n ?? 0, 10));
}

function guardsOf({ record }: AttemptBase): AcquiredBase {
  return { ifCfgVer: record.cfg_ver, ifId: record.at.id, ifRtFp: record.rt?.fp ?? null };
}

/** @param base absent: only the lease is asked for */
export function extendOf(
  plan: AttemptPlan,
  base?: AttemptBase,
  marks: Pick<Extend, 'refusesRt' | 'replaysRt'> = {},
): Extend {
  return {
    kind: 'extend',
    attempt: plan.attempt,
    ...(base === undefined ? {} : { base: guardsOf(base) }),
    ttlMs: leaseTtlMs(plan),
    ...marks,
  };
}

/** What came of the request. */
export interface Answered {
  readonly grant: Grant;
  /** The instant of sending in the store's time, epoch ms. */
  readonly sentAt: number;
  readonly token?: ExchangedToken;
  /** Beside a refresh token that came without a usable access token. */
  readonly failed?: Failed;
  readonly failure?: ExchangeFailure;
}

export function saveOf(tools: WriteTools, plan: AttemptPlan, base: AttemptBase, answered: Answered): Save {
  const { configuration } = plan;
  const { token, failure, failed, grant } = answered;
  const stored = base.record.rt?.fp;
  const rt = newRefreshToken(tools.cipher, configuration.id, {
    value: token?.refresh_token ?? failure?.refresh_token,
    storedFp: stored,
    ...(token?.refresh_expires_in_ms === undefined ? {} : { expiresAt: answered.sentAt + token.refresh_expires_in_ms }),
  });
  return {
    kind: 'save',
    attempt: plan.attempt,
    cfgFp: configuration.cfgFp,
    ...guardsOf(base),
    epoch: base.record.epoch,
    ...(grant === 'refresh' && stored !== undefined ? { presented: stored } : {}),
    ...(rt === undefined ? {} : { rt }),
    ...(failed === undefined ? {} : { failure: failed.recorded }),
    ...(token === undefined ? {} : accessTokenWrites(tools, plan, base, { ...answered, token }, rt)),
  };
}

function accessTokenWrites(
  { cipher, uuid }: WriteTools,
  { configuration, attempt, reason }: AttemptPlan,
  { record }: AttemptBase,
  { grant, sentAt, token }: Answered & { readonly token: ExchangedToken },
  rt: NewRefreshToken | undefined,
): Pick<Save, 'at' | 'extra' | 'learned'> {
  const id = uuid();
  const fp = cipher.fingerprint(['access_token', token.access_token]);
  const isSame = fp === record.at.fp;
  const learned = learnedFrom(record, {
    isSame,
    isEarly: reason === 'soft' || reason === 'hard',
    ...(token.lifetime.ms === undefined ? {} : { lifetimeMs: token.lifetime.ms }),
    ...(grant === 'refresh' ? { rotated: rt !== undefined } : {}),
  });
  const at: AccessTokenPart = {
    id,
    sealed: cipher.seal(token.access_token, [configuration.id, 'access_token']),
    fp,
    type: token.token_type ?? null,
    scope: token.scope ?? null,
    ...tokenTimes(sentAt, token.lifetime.ms, {
      spread: spreadOf(id),
      isSame,
      learned: { ...record.learned, ...learned },
      ...(token.refreshBeforeMs === undefined ? {} : { refreshBeforeMs: token.refreshBeforeMs }),
    }),
    expires_in: token.lifetime.ms === undefined ? null : Math.round(token.lifetime.ms / 1_000),
    exp_source: token.lifetime.source,
    by: attempt,
    obtained_by: grant === 'refresh' ? 'refresh_token' : configuration.exchange.id,
  };
  const hasExtra = Object.keys(token.extra).length > 0;
  return {
    at,
    ...(hasExtra ? { extra: cipher.seal(JSON.stringify(token.extra), [configuration.id, 'extra']) } : {}),
    ...(learned === undefined ? {} : { learned }),
  };
}

/** A new refresh token, or `undefined` where the answer brought none, an empty one, or the same one again (F10, F11). */
export function newRefreshToken(
  cipher: Cipher,
  recordId: string,
  given: { readonly value: string | undefined; readonly storedFp?: string | undefined; readonly expiresAt?: number },
): NewRefreshToken | undefined {
  const { value, storedFp, expiresAt } = given;
  if (value === undefined || value === '') return undefined;
  const fp = cipher.fingerprint(['refresh_token', value]);
  if (fp === storedFp) return undefined;
  return {
    sealed: cipher.seal(value, [recordId, 'refresh_token']),
    fp,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}

export function failOf(
  plan: AttemptPlan,
  base: AttemptBase,
  { failed, unspent, refusesRt }: { readonly failed: Failed; readonly unspent: boolean; readonly refusesRt: boolean },
): Fail {
  return {
    kind: 'fail',
    attempt: plan.attempt,
    cfgFp: plan.configuration.cfgFp,
    ...guardsOf(base),
    failure: failed.recorded,
    unspent,
    ...(refusesRt ? { refusesRt } : {}),
  };
}
