/** What a transition is compiled to. */
import type { NowExpression } from './store-clock.ts';
import type { Expression } from './transition-expressions.ts';

/** The parts of a `findOneAndUpdate` of one record. Every expression sees the document as it was before the write. */
export interface TransitionUpdate {
  /** `$expr`: the guards, beside the record's id. */
  readonly guard: Expression;
  /** `$set`, by field; `REMOVED` takes a field away. `updated_at` is always the instant of the write. */
  readonly set: Readonly<Record<string, Expression>> & { readonly updated_at: NowExpression };
}
