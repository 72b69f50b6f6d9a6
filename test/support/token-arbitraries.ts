/**
 * Random token records and transitions for the property that every store's `apply` is `applyTransition`. Identities come from small pools, so that
 * guards match about as often as not; strings from outside carry what breaks query languages; instants stand clearly before or after `now`.
 */
import fc, { type Arbitrary } from 'fast-check';
import type { AccessTokenPart, RefreshTokenPart, TokenRecord } from '../../src/token/token-record.ts';
import type {
  Acquire,
  BringUp,
  Clear,
  Extend,
  Fail,
  Forgive,
  NewFailure,
  NewRefreshToken,
  Observe,
  Release,
  Reseal,
  Resealed,
  Save,
  SetAside,
  SetByHand,
  TokenTransition,
} from '../../src/token/token-transition.ts';

const accessTokenId = fc.constantFrom('at-1', 'at-2', 'at-3');
const fingerprint = fc.constantFrom('rt-1', 'rt-2', 'rt-3');
const attempt = fc.constantFrom('attempt-1', 'attempt-2', 'attempt-3');
const configuration = fc.constantFrom(...Array.from({ length: 10 }, (_, i) => `cfg-${i}`));
const revision = fc.integer({ min: 0, max: 4 });
const count = fc.integer({ min: 0, max: 5 });
const reason = fc.constantFrom('empty', 'expired', 'soft', 'hard', 'rejected', 'person');
const failureClass = fc.constantFrom('transient', 'credentials', 'configuration', 'in_doubt');
const lifetimeSource = fc.constantFrom('expires_in', 'jwt_exp', 'unknown', 'manual');
const durationMs = fc.constantFrom(0, 1, 999, 30_000, 3_600_000);
const foreignText = fc.constantFrom(
  '',
  'read write',
  '$x',
  '$$NOW',
  '$',
  'a.b',
  "';--",
  '{"$set":1}',
  'ü🙂\u0000',
  '0',
);

const sealed = fc.record({
  ct: fc.base64String({ maxLength: 24 }),
  iv: fc.constant('aXZpdml2aXZpdg=='),
  kid: fc.constantFrom('k1', 'k2'),
});

function instant(now: number): Arbitrary<number> {
  return fc
    .tuple(fc.constantFrom(-86_400_000, -3_600_000, -60_000, 60_000, 3_600_000, 86_400_000), fc.nat(999))
    .map(([offsetMs, ms]) => now + offsetMs + ms);
}

/** Some of the optional members, any number of them. */
function some<R extends object, O extends object>(
  required: { [K in keyof R]: Arbitrary<R[K]> },
  optional: { [K in keyof O]: Arbitrary<O[K]> },
): Arbitrary<R & Partial<O>> {
  return fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([a, b]) => ({ ...a, ...b }) as R & Partial<O>);
}

function accessToken(now: number, id: Arbitrary<string>): Arbitrary<AccessTokenPart> {
  const times = instant(now);
  return some(
    { id },
    {
      sealed,
      fp: fingerprint,
      type: fc.option(foreignText),
      scope: fc.option(foreignText),
      issued_at: times,
      expires_at: times,
      soft_at: times,
      hard_at: times,
      expires_in: fc.option(fc.nat(100_000)),
      exp_source: lifetimeSource,
      by: attempt,
      obtained_by: fc.constantFrom('password', 'manual', 'login.$x'),
    },
  );
}

function refreshToken(now: number): Arbitrary<RefreshTokenPart> {
  const times = instant(now);
  return some(
    { sealed, fp: fingerprint, gen: count, by: attempt, epoch: count },
    {
      expires_at: times,
      from: fingerprint,
      doubt: fc.record({ attempt, at: times, replayed: fc.boolean() }),
      refused: fc.record({ at: times, n: count }),
    },
  );
}

/** Failures whose instants differ: which of two equal ones is forgotten first says nothing. */
function failures(now: number): Arbitrary<NonNullable<TokenRecord['fail']>> {
  const entry = some(
    { class: failureClass, code: foreignText, n: count, message: foreignText },
    { http: fc.constantFrom(400, 503), next_at: instant(now), sample: foreignText },
  );
  const entries = fc.uniqueArray(fc.tuple(configuration, entry), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 8,
  });
  return fc
    .tuple(entries, fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 }))
    .map(([list, order]) =>
      Object.fromEntries(list.map(([key, facts], i) => [key, { ...facts, at: now - 1_000 * (order[i] ?? 0) }])),
    );
}

/** What a person wrote there in clear: anything. */
const manualText = fc.constantFrom<unknown>('$x', 'token', 7, null, { $set: 1 });
const manualToken = some({}, { access_token: manualText, refresh_token: manualText, 'a.$b': manualText });

/** Any record that could stand in a store. */
export function tokenRecordArbitrary(id: string, now: number): Arbitrary<TokenRecord> {
  const times = instant(now);
  return some(
    {
      id: fc.constant(id),
      integration_id: fc.constant('integration-1'),
      scheme: fc.constantFrom('main', 'dotted.$scheme'),
      ver: count,
      epoch: count,
      rev: revision,
      cfg_ver: revision,
      at: accessToken(now, accessTokenId),
      created_at: times,
      updated_at: times,
    },
    {
      scopes: fc.array(foreignText, { maxLength: 2 }),
      rt: refreshToken(now),
      lease: fc.record({ holder: foreignText, until: times, attempt, reason }),
      fail: failures(now),
      rejected: fc.record({ id: accessTokenId, at: times, n: count, next_at: times }),
      learned: some({}, { rt_rotates: fc.boolean(), as_caches: fc.boolean(), lifetime_ms: durationMs }),
      extra: sealed,
      lw: fc.constantFrom('attempt-1:save', 'attempt-2:acquire'),
      manual: manualToken,
      aside: some({}, { at: sealed, rt: sealed }),
      edited_at: times,
    },
  );
}

const newFailure: Arbitrary<NewFailure> = some(
  { class: failureClass, code: foreignText, message: foreignText },
  { http: fc.constantFrom(400, 429), sample: foreignText, nextMs: durationMs },
);

function newRefreshToken(now: number): Arbitrary<NewRefreshToken> {
  return some({ sealed, fp: fc.constantFrom('rt-1', 'rt-2', 'rt-4') }, { expires_at: instant(now) });
}

const bringUp: Arbitrary<BringUp> = fc.record({
  kind: fc.constant('bring-up'),
  rev: revision,
  accountRev: revision,
  secretRev: revision,
  newId: fc.constant('at-new'),
});

const acquire: Arbitrary<Acquire> = some(
  {
    kind: fc.constant('acquire'),
    ifId: accessTokenId,
    ifRev: revision,
    cfgFp: configuration,
    pastFailure: fc.boolean(),
    presents: fc.boolean(),
    offersRefused: fc.boolean(),
    holder: foreignText,
    attempt: fc.constantFrom('attempt-1', 'attempt-4'),
    reason,
    ttlMs: durationMs,
  },
  { rejects: fc.record({ id: accessTokenId, nextMs: durationMs }) },
);

const acquiredBase = { ifCfgVer: revision, ifId: accessTokenId, ifRtFp: fc.option(fingerprint) };
const base = { attempt, cfgFp: configuration, ...acquiredBase };
const learned = some({}, { rt_rotates: fc.boolean(), prev_revoked: fc.boolean(), lifetime_ms: durationMs });

const extend: Arbitrary<Extend> = some(
  { kind: fc.constant('extend'), attempt, ttlMs: durationMs },
  { base: fc.record(acquiredBase), refusesRt: fc.boolean(), replaysRt: fc.boolean() },
);

function save(now: number): Arbitrary<Save> {
  return some(
    { kind: fc.constant('save'), ...base, epoch: count },
    {
      presented: fingerprint,
      at: accessToken(now, fc.constant('at-new')),
      rt: newRefreshToken(now),
      failure: newFailure,
      extra: sealed,
      learned,
    },
  );
}

const fail: Arbitrary<Fail> = some(
  { kind: fc.constant('fail'), ...base, failure: newFailure, unspent: fc.boolean() },
  { refusesRt: fc.boolean() },
);

const release: Arbitrary<Release> = fc.record({ kind: fc.constant('release'), attempt, unspent: fc.boolean() });

function setByHand(now: number): Arbitrary<SetByHand> {
  const expected = fc.option(fc.constantFrom('$x', 'token'));
  return some(
    { kind: fc.constant('set-by-hand') },
    {
      ifVer: count,
      ifManual: fc.record({ access_token: expected, refresh_token: expected }),
      at: accessToken(now, fc.constant('at-new')),
      rt: fc.option(newRefreshToken(now)),
    },
  );
}

const clear: Arbitrary<Clear> = some({ kind: fc.constant('clear'), newId: fc.constant('at-new') }, { ifVer: count });

const forgive: Arbitrary<Forgive> = fc.record({ kind: fc.constant('forgive') });

const observe: Arbitrary<Observe> = some(
  { kind: fc.constant('observe'), ifId: accessTokenId, accepted: fc.boolean() },
  { learned },
);

const resealed: Arbitrary<Resealed> = fc.record({ ifCt: fc.base64String({ maxLength: 24 }), sealed });
const reseal: Arbitrary<Reseal> = some(
  { kind: fc.constant('reseal') },
  { at: resealed, rt: resealed, extra: resealed },
);

const setAside: Arbitrary<SetAside> = fc.record({
  kind: fc.constant('set-aside'),
  part: fc.constantFrom('at', 'rt'),
  ifCt: fc.base64String({ maxLength: 24 }),
  newId: fc.constant('at-new'),
});

function anyTransition(now: number): Arbitrary<TokenTransition> {
  return fc.oneof(
    ...[bringUp, acquire, extend, save(now), fail, release],
    ...[setByHand(now), clear, forgive, observe, reseal, setAside],
  );
}

/**
 * A record and a transition that was made for it: half of the time the guards are taken from the record itself, so that the writes behind
 * long conjunctions are met too and not just refused.
 */
export function tokenCaseArbitrary(
  id: string,
  now: number,
): Arbitrary<{ readonly record: TokenRecord; readonly transition: TokenTransition }> {
  return fc
    .tuple(tokenRecordArbitrary(id, now), anyTransition(now), fc.boolean())
    .map(([record, transition, fits]) => ({ record, transition: fits ? fitted(transition, record) : transition }));
}

function fitted(transition: TokenTransition, record: TokenRecord): TokenTransition {
  const attemptOfLease = record.lease?.attempt ?? record.rt?.doubt?.attempt ?? 'attempt-1';
  const acquiredOn = { ifCfgVer: record.cfg_ver, ifId: record.at.id, ifRtFp: record.rt?.fp ?? null };
  switch (transition.kind) {
    case 'bring-up':
      return { ...transition, rev: record.rev + 1 };
    case 'acquire':
      return { ...transition, ifId: record.at.id, ifRev: record.rev };
    case 'extend':
      return { ...transition, attempt: attemptOfLease, ...(transition.base && { base: acquiredOn }) };
    case 'save':
    case 'fail':
      return { ...transition, attempt: attemptOfLease, ...acquiredOn };
    case 'release':
      return { ...transition, attempt: attemptOfLease };
    case 'set-by-hand':
    case 'clear':
      return { ...transition, ifVer: record.ver };
    case 'forgive':
      return transition;
    case 'observe':
      return { ...transition, ifId: record.at.id };
    case 'reseal':
      return fittedReseal(transition, record);
    case 'set-aside':
      return { ...transition, ifCt: record[transition.part]?.sealed?.ct ?? transition.ifCt };
  }
}

/** Of the parts that are sealed anew the extracted values are left to chance: one write where some parts match, and some not. */
function fittedReseal(transition: Reseal, { at, rt }: TokenRecord): Reseal {
  const fit = (by: Resealed, stored: string | undefined): Resealed => ({ ...by, ifCt: stored ?? by.ifCt });
  return {
    ...transition,
    ...(transition.at && { at: fit(transition.at, at.sealed?.ct) }),
    ...(transition.rt && { rt: fit(transition.rt, rt?.sealed.ct) }),
  };
}
