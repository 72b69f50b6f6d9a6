/** What an attempt's answer becomes in the record: the save and fail transitions, made once so that they can be sent twice. Pure but for the cipher. */
import type { ExchangedToken } from '../exchange/exchange-outcome.ts';
import type { Cipher } from '../kernel/cipher.ts';
import { expiresInSeconds, type AttemptResult } from './attempt.ts';
import { recordedFailure } from './failure.ts';
import { spreadOf, tokenTimes } from './lifetime.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { AccessTokenPart, TokenRecord } from './token-record.ts';
import type { Fail, NewRefreshToken, Save } from './token-transition.ts';

/** The attempt's place in the record: what it acquired on. */
export interface AttemptBase {
  readonly attempt: string;
  /** The record after the acquire. */
  readonly record: TokenRecord;
  /** The instant of sending in the store's time, epoch ms. */
  readonly sentAt: number;
  /** A new identity for the access token. */
  readonly newId: string;
}

function guards(
  configuration: TokenConfiguration,
  base: AttemptBase,
): Pick<Save, 'attempt' | 'cfgFp' | 'ifCfgVer' | 'ifId' | 'ifRtFp'> {
  return {
    attempt: base.attempt,
    cfgFp: configuration.cfgFp,
    ifCfgVer: base.record.cfg_ver,
    ifId: base.record.at.id,
    ifRtFp: base.record.rt?.fp ?? null,
  };
}

export function saveOf(
  cipher: Cipher,
  configuration: TokenConfiguration,
  base: AttemptBase,
  result: AttemptResult,
  token: ExchangedToken,
): Save {
  const rt = newRefreshToken(cipher, configuration.id, token.refresh_token, base.record.rt?.fp);
  const hasExtra = Object.keys(token.extra).length > 0;
  return {
    kind: 'save',
    ...guards(configuration, base),
    epoch: base.record.epoch,
    ...(result.presented === undefined ? {} : { presented: result.presented }),
    at: newAccessToken(cipher, configuration, base, result, token),
    ...(rt === undefined ? {} : { rt }),
    ...(hasExtra ? { extra: cipher.seal(JSON.stringify(token.extra), [configuration.id, 'extra']) } : {}),
    ...learnedOf(result, token, rt),
    ...(result.refusesRt === undefined ? {} : { refusesRt: result.refusesRt }),
  };
}

function newAccessToken(
  cipher: Cipher,
  configuration: TokenConfiguration,
  base: AttemptBase,
  result: AttemptResult,
  token: ExchangedToken,
): AccessTokenPart {
  return {
    id: base.newId,
    sealed: cipher.seal(token.access_token, [configuration.id, 'access_token']),
    fp: cipher.fingerprint(['access_token', token.access_token]),
    type: token.token_type ?? null,
    scope: token.scope ?? null,
    ...tokenTimes(base.sentAt, token.lifetime.ms, spreadOf(base.newId), token.refreshBeforeMs),
    expires_in: expiresInSeconds(token),
    exp_source: token.lifetime.source,
    by: base.attempt,
    obtained_by: result.grant === 'refresh' ? 'refresh_token' : configuration.exchange.id,
  };
}

/** A new refresh token, or `undefined` where the answer brought none, an empty one, or the same one again. */
export function newRefreshToken(
  cipher: Cipher,
  recordId: string,
  value: string | undefined,
  storedFp: string | undefined,
): NewRefreshToken | undefined {
  if (value === undefined || value === '') return undefined;
  const fp = cipher.fingerprint(['refresh_token', value]);
  return fp === storedFp ? undefined : { sealed: cipher.seal(value, [recordId, 'refresh_token']), fp };
}

function learnedOf(
  result: AttemptResult,
  token: ExchangedToken,
  rt: NewRefreshToken | undefined,
): Pick<Save, 'learned'> {
  const rotates = result.grant === 'refresh' && result.presented !== undefined ? { rt_rotates: rt !== undefined } : {};
  const lifetime = token.lifetime.ms === undefined || token.lifetime.ms <= 0 ? {} : { lifetime_ms: token.lifetime.ms };
  const learned = { ...rotates, ...lifetime };
  return Object.keys(learned).length === 0 ? {} : { learned };
}

/** The write of an attempt that brought no token; with a new refresh token it is a save of that alone, the failure beside it. */
export function failureOf(
  cipher: Cipher,
  configuration: TokenConfiguration,
  base: AttemptBase,
  result: AttemptResult & { readonly outcome: { readonly ok: false } },
  random: number,
): Save | Fail {
  const { failure } = result.outcome;
  const recorded = recordedFailure(failure, base.record.fail?.[configuration.cfgFp]?.n ?? 0, random);
  const rt = newRefreshToken(cipher, configuration.id, failure.refresh_token, base.record.rt?.fp);
  const marks = result.refusesRt === undefined ? {} : { refusesRt: result.refusesRt };
  if (rt === undefined) return { kind: 'fail', ...guards(configuration, base), failure: recorded, ...marks };
  return {
    kind: 'save',
    ...guards(configuration, base),
    epoch: base.record.epoch,
    ...(result.presented === undefined ? {} : { presented: result.presented }),
    rt,
    failure: recorded,
    ...marks,
  };
}
