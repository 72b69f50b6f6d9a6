/** What the templates of a step can see. */
import { own, type Json } from '../kernel/json.ts';
import type { TemplateScope } from '../kernel/template.ts';
import { TEMPLATE_FILTERS } from '../kernel/template-filters.ts';
import type { ExchangeInput } from './exchange.ts';
import type { ClientAuthName, PresentedToken } from './exchange-request.ts';
import type { Signer } from './signer.ts';
import { signingFilters } from './signing-filters.ts';

export type Outputs = Readonly<Record<string, Json>>;

export interface StepContext {
  readonly inputs: Readonly<Record<string, Json>>;
  /** Outputs of the steps that are done, by step name. */
  readonly steps: Readonly<Record<string, Outputs>>;
  readonly token: PresentedToken;
  /** Epoch milliseconds. */
  readonly now: number;
  /** New for each step: a `jti`, a nonce. */
  readonly uuid: string;
  readonly clientAuth?: ClientAuthName;
  readonly signer?: Signer;
}

/** The inputs as given, with the document's defaults where nothing is given. */
export function withDefaults(
  inputs: Readonly<Record<string, Json>>,
  declared: readonly ExchangeInput[],
): Readonly<Record<string, Json>> {
  const defaults = declared.flatMap((input) =>
    input.default === undefined || isGiven(own(inputs, input.name)) ? [] : [[input.name, input.default] as const],
  );
  return { ...inputs, ...Object.fromEntries(defaults) };
}

/** Names of required inputs that nobody has given. */
export function missingInputs(
  inputs: Readonly<Record<string, Json>>,
  declared: readonly ExchangeInput[],
): readonly string[] {
  return declared.filter((input) => input.required === true && !isGiven(own(inputs, input.name))).map((i) => i.name);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** @param values the step's own `values`, as far as they are rendered */
export function scopeOf(context: StepContext, values: Readonly<Record<string, unknown>>): TemplateScope {
  const { inputs, steps, token, now, uuid, signer } = context;
  return {
    values: { inputs, steps, token, now, uuid, values },
    filters: { ...TEMPLATE_FILTERS, ...signingFilters(signer) },
  };
}
