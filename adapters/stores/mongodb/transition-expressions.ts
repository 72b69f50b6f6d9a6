/** Aggregation expressions that the compiled transitions are made of. All foreign text passes through {@link literal}. */
import type { NowExpression } from './store-clock.ts';

/** A MongoDB aggregation expression. */
export type Expression = unknown;

/** The parts of a `findOneAndUpdate` of one record. */
export interface TransitionUpdate {
  /** `$expr`: the guards, beside the record's id. */
  readonly guard: Expression;
  /** `$set`, by field; {@link REMOVED} takes a field away. `updated_at` is always the instant of the write. */
  readonly set: Readonly<Record<string, Expression>> & { readonly updated_at: NowExpression };
}

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

/** Whether `at.id` is as it was read; a record whose `at` was unset by hand is read as `''`. */
export function hasAccessTokenId(id: string): Expression {
  return { $eq: [{ $ifNull: ['$at.id', ''] }, literal(id)] };
}

/** Whether `rt.fp` is as it was read; `null`: there was none. */
export function hasRefreshToken(fingerprint: string | null): Expression {
  return { $eq: [{ $ifNull: ['$rt.fp', null] }, literal(fingerprint)] };
}

export function isPresent(path: string): Expression {
  return { $ne: [{ $type: path }, 'missing'] };
}

/** A sub-document without some of its fields. */
export function without(path: string, ...fields: readonly string[]): Expression {
  return {
    $arrayToObject: {
      $filter: {
        input: { $objectToArray: path },
        as: 'field',
        cond: { $not: [{ $in: ['$$field.k', literal(fields)] }] },
      },
    },
  };
}

/** What a person wrote, if it is text. */
export function textOrNull(path: string): Expression {
  return when({ $eq: [{ $type: path }, 'string'] }, path, null);
}
