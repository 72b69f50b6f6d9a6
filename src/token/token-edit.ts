/** A token by hand: a JSON Merge Patch of the token's fields → one transition (product.md "By hand"). */
import { EverbearerError } from '../errors.ts';
import type { Cipher } from '../kernel/cipher.ts';
import { isObject, own, type Json } from '../kernel/json.ts';
import { newRefreshToken } from './attempt-writes.ts';
import { spreadOf, tokenTimes } from './lifetime.ts';
import type { AccessTokenPart, ManualToken, TokenRecord } from './token-record.ts';
import type { SetByHand } from './token-transition.ts';

const FIELDS = [
  'access_token',
  'refresh_token',
  'token_type',
  'expires_in',
  'expires_at',
  'created_at',
  'scope',
] as const;
type Field = (typeof FIELDS)[number];

/** A patch whose fields have been checked: `null` removes, absent is unchanged, instants are epoch milliseconds. */
interface TokenPatch {
  readonly access_token?: string | null;
  readonly refresh_token?: string | null;
  readonly token_type?: string | null;
  readonly scope?: string | null;
  /** Seconds. */
  readonly expires_in?: number | null;
  readonly expires_at?: number | null;
  readonly created_at?: number | null;
}

/** @throws EverbearerError `bad_request` with `details.pointer` */
export function parseTokenPatch(patch: Json): TokenPatch {
  if (!isObject(patch)) throw complaint('', 'must be an object');
  const unknown = Object.keys(patch).find((key) => !FIELDS.some((field) => field === key));
  if (unknown !== undefined) throw complaint(`/${unknown}`, 'is not a field of a token');
  return {
    ...field(patch, 'access_token', secretText),
    ...field(patch, 'refresh_token', secretText),
    ...field(patch, 'token_type', plainText),
    ...field(patch, 'scope', plainText),
    ...field(patch, 'expires_in', seconds),
    ...field(patch, 'expires_at', instant),
    ...field(patch, 'created_at', instant),
  };
}

function field<F extends Field, T>(
  patch: object,
  name: F,
  read: (value: unknown, pointer: string) => T,
): { readonly [K in F]?: T | null } {
  const value = own(patch, name);
  if (value === undefined) return {};
  return { [name]: value === null ? null : read(value, `/${name}`) } as { readonly [K in F]?: T | null };
}

/** Visible ASCII and what else may stand in a header (RFC 9110 §5.5), nothing that could end one. */
function secretText(value: unknown, pointer: string): string {
  if (typeof value !== 'string' || value === '') throw complaint(pointer, 'must be text');
  if (!/^[\x21-\x7e\x80-\xff]+$/.test(value))
    throw complaint(pointer, 'has blanks or characters that cannot stand in a header');
  return value;
}

function plainText(value: unknown, pointer: string): string {
  if (typeof value !== 'string') throw complaint(pointer, 'must be text');
  return value;
}

/** More than 3,000 years: beyond it dates cannot be written. */
const MOST_SECONDS = 1e11;

function seconds(value: unknown, pointer: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !(number >= 0 && number <= MOST_SECONDS))
    throw complaint(pointer, `must be a number of seconds, from 0 to ${MOST_SECONDS}`);
  return number;
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** ISO 8601; without a zone it is UTC. */
function instant(value: unknown, pointer: string): number {
  const match = typeof value === 'string' ? ISO_8601.exec(value) : null;
  if (match === null || typeof value !== 'string')
    throw complaint(pointer, 'must be an instant in ISO 8601, e.g. 2026-01-31T12:00:00Z');
  const at = Date.parse(match[1] === undefined && value.includes('T') ? `${value}Z` : value);
  if (Number.isNaN(at)) throw complaint(pointer, 'must be an instant in ISO 8601, e.g. 2026-01-31T12:00:00Z');
  return at;
}

function complaint(pointer: string, what: string): EverbearerError {
  return new EverbearerError('bad_request', `${pointer === '' ? 'The token' : pointer} ${what}.`, {
    hint: `The fields are ${FIELDS.join(', ')}; null removes one.`,
    details: { pointer },
  });
}

/** The patch applied to what is stored. The transition is guarded by the version that was read, so a copied field can't overwrite a newer token. */
export function editByHand(
  cipher: Cipher,
  record: TokenRecord,
  patch: TokenPatch,
  context: { readonly now: number; readonly newId: string },
): SetByHand {
  const at = editsAccessToken(patch) ? accessTokenByHand(cipher, record, patch, context) : undefined;
  const rt = patch.refresh_token;
  const stored =
    rt === undefined ? {} : { rt: rt === null ? null : (newRefreshToken(cipher, record.id, { value: rt }) ?? null) };
  return { kind: 'set-by-hand', ifVer: record.ver, ...(at === undefined ? {} : { at }), ...stored };
}

/**
 * What a person wrote into the database, as an edit by hand. What is no token's field is dropped; where nothing is left that can be read, the edit only
 * removes it.
 */
export function takeOverManual(
  cipher: Cipher,
  record: TokenRecord,
  context: { readonly now: number; readonly newId: string },
): SetByHand {
  const { manual = {} } = record;
  const { ifVer: _ifVer, ...edit } = editByHand(cipher, record, manualPatch(manual), context);
  return {
    ...edit,
    ifManual: { access_token: textOrNull(manual.access_token), refresh_token: textOrNull(manual.refresh_token) },
  };
}

/** Instants may be dates of the database; any field may be wrong, and is then not there. */
function manualPatch(manual: ManualToken): TokenPatch {
  const fields = FIELDS.flatMap((name): readonly (readonly [string, Json])[] => {
    const value = manual[name];
    return value === undefined || value === null
      ? []
      : [[name, (value instanceof Date ? value.toISOString() : value) as Json]];
  });
  return fields.reduce<TokenPatch>((patch, [name, value]) => {
    try {
      return { ...patch, ...parseTokenPatch({ [name]: value }) };
    } catch (error) {
      if (error instanceof EverbearerError) return patch;
      throw error;
    }
  }, {});
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function editsAccessToken(patch: TokenPatch): boolean {
  return FIELDS.some((name) => name !== 'refresh_token' && patch[name] !== undefined);
}

function accessTokenByHand(
  cipher: Cipher,
  record: TokenRecord,
  patch: TokenPatch,
  { now, newId }: { readonly now: number; readonly newId: string },
): AccessTokenPart {
  if (patch.access_token === null) return { id: newId };
  const isNew = patch.access_token !== undefined;
  const issuedAt = patch.created_at ?? (isNew ? now : (record.at.issued_at ?? now));
  return {
    id: newId,
    ...(patch.access_token === undefined ? sealedAs(record.at) : sealed(cipher, record.id, patch.access_token)),
    type: patch.token_type === undefined ? (record.at.type ?? null) : patch.token_type,
    scope: patch.scope === undefined ? (record.at.scope ?? null) : patch.scope,
    ...timesByHand(record.at, patch, { issuedAt, isNew, newId }),
    exp_source: 'manual',
    by: 'manual',
    obtained_by: 'manual',
  };
}

function sealed(cipher: Cipher, recordId: string, accessToken: string): Pick<AccessTokenPart, 'sealed' | 'fp'> {
  return {
    sealed: cipher.seal(accessToken, [recordId, 'access_token']),
    fp: cipher.fingerprint(['access_token', accessToken]),
  };
}

function sealedAs(at: AccessTokenPart): Pick<AccessTokenPart, 'sealed' | 'fp'> {
  return { ...(at.sealed === undefined ? {} : { sealed: at.sealed }), ...(at.fp === undefined ? {} : { fp: at.fp }) };
}

/** `expires_at` wins over `expires_in`; a new token without either has no end and is never renewed by the clock. */
function timesByHand(
  at: AccessTokenPart,
  patch: TokenPatch,
  { issuedAt, isNew, newId }: { readonly issuedAt: number; readonly isNew: boolean; readonly newId: string },
): Pick<AccessTokenPart, 'issued_at' | 'expires_at' | 'soft_at' | 'hard_at' | 'expires_in'> {
  const expiresAt = expiryByHand(at, patch, issuedAt, isNew);
  if (expiresAt === undefined) return { issued_at: issuedAt, expires_in: null };
  const lifetimeMs = Math.max(0, expiresAt - issuedAt);
  const { soft_at, hard_at } = tokenTimes(expiresAt - lifetimeMs, lifetimeMs, { spread: spreadOf(newId) });
  return {
    issued_at: issuedAt,
    expires_at: expiresAt,
    ...(soft_at === undefined ? {} : { soft_at }),
    ...(hard_at === undefined ? {} : { hard_at }),
    expires_in: patch.expires_in ?? Math.round(lifetimeMs / 1_000),
  };
}

function expiryByHand(at: AccessTokenPart, patch: TokenPatch, issuedAt: number, isNew: boolean): number | undefined {
  if (patch.expires_at !== undefined && patch.expires_at !== null) return patch.expires_at;
  if (patch.expires_in !== undefined && patch.expires_in !== null) return issuedAt + patch.expires_in * 1_000;
  if (patch.expires_at === null || patch.expires_in === null || isNew) return undefined;
  return at.expires_at;
}
