/** From foreign JSON to an exchange, or to what is wrong with it and where. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import schema from '../../schemas/exchange.schema.json' with { type: 'json' };
import { EverbearerError } from '../errors.ts';
import { deepFreeze } from '../kernel/deep-freeze.ts';
import type { Exchange } from './exchange.ts';
import { problemsOf, type ExchangeProblem } from './exchange-problems.ts';

/**
 * Reads an exchange document. The result is a frozen copy: compiled once, whatever becomes of the original.
 * @throws EverbearerError `bad_request`; `details.pointer` is the place of the first problem, `details.problems` lists at most ten
 */
export function parseExchange(value: unknown): Exchange {
  const problems = isExchange(value) ? problemsOf(value) : schemaProblems();
  const [first] = problems;
  if (first === undefined) return deepFreeze(structuredClone(value as Exchange));
  throw new EverbearerError('bad_request', `The exchange document is not valid at ${place(first)}: ${first.message}`, {
    hint: 'docs/exchanges.md describes the document.',
    details: { pointer: first.pointer, problems: problems.slice(0, 10) },
  });
}

/** Compiled at the first document, not when the module is loaded. */
let validator: ValidateFunction<Exchange> | undefined;

function isExchange(value: unknown): value is Exchange {
  validator ??= new Ajv2020({ allErrors: true, strict: false }).compile<Exchange>(schema);
  return validator(value);
}

/** Why none of several forms fits says less than that none does. */
function schemaProblems(): readonly ExchangeProblem[] {
  const errors = validator?.errors ?? [];
  return errors
    .filter(({ keyword, schemaPath }) => keyword !== 'if' && !/\/oneOf\/\d+\//.test(schemaPath))
    .map(problemOf);
}

function problemOf(error: ErrorObject): ExchangeProblem {
  const { instancePath, keyword, params, message } = error;
  const named = (name: string): string => String((params as Readonly<Record<string, unknown>>)[name]);
  const words: Readonly<Record<string, string>> = {
    required: `"${named('missingProperty')}" is missing.`,
    dependentRequired: `"${named('missingProperty')}" is missing beside "${named('property')}".`,
    additionalProperties: `The member "${named('additionalProperty')}" is not known here.`,
    unevaluatedProperties: `The member "${named('unevaluatedProperty')}" is not known here.`,
    oneOf: 'Exactly one of its forms is needed: pointer, jsonpath, header, cookie or text.',
    not: 'A step has one of form, json, xml and text, not several.',
    enum: `It is one of ${JSON.stringify((params as { readonly allowedValues?: unknown }).allowedValues)}.`,
    pattern: 'It does not have the form that is needed here.',
  };
  return { pointer: instancePath, message: words[keyword] ?? `It ${message ?? 'is not valid'}.` };
}

function place({ pointer }: ExchangeProblem): string {
  return pointer === '' ? 'its top level' : pointer;
}
