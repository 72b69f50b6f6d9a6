/** Aggregation expressions that the compiled transitions are made of. All foreign text passes through {@link literal}. */
import type { NowExpression } from './store-clock.ts';

/** A MongoDB aggregation expression. */
export type Expression = unknown;

/** A value, never an expression: also `"$x"`. Replaces a sub-document whole where a bare object would be merged into the old one. */
export function literal(value: unknown): Expression {
  return { $literal: value };
}

/** A sub-document: what is known beforehand, and fields that the server computes. */
export function composed(known: object, computed: Readonly<Record<string, Expression>>): Expression {
  return { $mergeObjects: [literal(known), computed] };
}

/** `now` plus milliseconds. */
export function later(now: NowExpression, ms: number): Expression {
  return { $add: [now, ms] };
}

/** One more than a counter, which counts from zero. */
export function next(path: string): Expression {
  return { $add: [{ $ifNull: [path, 0] }, 1] };
}

export function when(condition: Expression, then: Expression, otherwise: Expression): Expression {
  return { $cond: [condition, then, otherwise] };
}

/** As the value of a `$set`: the field goes. */
export const REMOVED = '$$REMOVE';

export function equals(path: string, value: unknown): Expression {
  return { $eq: [path, literal(value)] };
}

/** Whether `at.id` is as it was read; a record whose `at` was unset by hand, or is no access token, is read as `''`. */
export function hasAccessTokenId(id: string): Expression {
  return { $eq: [{ $ifNull: [textOrNull('$at.id'), ''] }, literal(id)] };
}

/** A sub-document with other fields; begins an empty one where none stands there. */
export function withFields(part: Expression, fields: Expression): Expression {
  return { $mergeObjects: [typeof part === 'string' ? when(isObjectAt(part), part, {}) : part, fields] };
}

export function isObjectAt(path: string): Expression {
  return { $eq: [{ $type: path }, 'object'] };
}

export function isMissing(path: string): Expression {
  return { $eq: [{ $type: path }, 'missing'] };
}

/** The date of a field, also of one that a person typed as text; `null` where there is none. */
export function instantOf(path: string): Expression {
  return { $convert: { input: path, to: 'date', onError: null, onNull: null } };
}

export function textOrNull(path: string): Expression {
  return when({ $eq: [{ $type: path }, 'string'] }, path, null);
}
