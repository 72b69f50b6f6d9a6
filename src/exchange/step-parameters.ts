/** Body parameters that are not the document's own: the person's `parameters`, and those of the client authentication. */
import { EverbearerError } from '../errors.ts';
import { isObject, own, type Json } from '../kernel/json.ts';
import type { ClientAuthAddition } from './client-authentication.ts';
import type { Step } from './exchange.ts';

export type ParameterValue = string | number | boolean;
export type Parameter = readonly [name: string, value: ParameterValue];

/**
 * Adds what the person and the client authentication bring to the document's parameters. No parameter is sent twice (RFC 6749 §3.2) and none is silently
 * overridden: the same value again is left out, another value is an error.
 * @throws EverbearerError `configuration_missing` naming the parameter
 */
export function withAddedParameters(
  base: readonly Parameter[],
  step: Step,
  inputs: Readonly<Record<string, Json>>,
  auth: ClientAuthAddition,
): readonly Parameter[] {
  const extra = step.parameters === undefined ? [] : personsParameters(step.parameters, own(inputs, step.parameters));
  if (auth.headers !== undefined && extra.some(([name]) => name === 'client_secret' || name === 'client_assertion')) {
    throw conflict(
      'The client would prove itself twice: by the Authorization header and by a parameter',
      'client_auth',
    );
  }
  return merged(merged(base, extra), Object.entries(auth.parameters ?? {}));
}

/** `application/x-www-form-urlencoded`. */
export function formEncoded(parameters: readonly Parameter[]): string {
  const encoded = new URLSearchParams();
  for (const [name, value] of parameters) encoded.append(name, String(value));
  return encoded.toString();
}

function merged(base: readonly Parameter[], added: readonly Parameter[]): readonly Parameter[] {
  const fresh = added.filter(([name, value]) => {
    const standing = base.find(([known]) => known === name);
    if (standing === undefined) return true;
    if (String(standing[1]) === String(value)) return false;
    throw conflict(`The parameter ${name} would be sent with two values`, name);
  });
  return [...base, ...fresh];
}

/** A list is a repeated parameter (`resource`, RFC 8707 §2); null and the empty string are left out. */
function personsParameters(input: string, value: unknown): readonly Parameter[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw unfit(`The input ${input} is no object of parameters`, input);
  return Object.entries(value).flatMap(([name, given]) =>
    (Array.isArray(given) ? (given as readonly unknown[]) : [given]).flatMap((item) => {
      if (item === null || item === '') return [];
      if (typeof item === 'object' || item === undefined)
        throw unfit(`${input}.${name} is no text, number or boolean`, input);
      return [[name, item as ParameterValue] as const];
    }),
  );
}

function conflict(what: string, input: string): EverbearerError {
  return new EverbearerError('configuration_missing', `${what}.`, {
    hint: 'Take one of the two out of "parameters".',
    details: { input },
  });
}

function unfit(what: string, input: string): EverbearerError {
  return new EverbearerError('configuration_missing', `${what}.`, {
    hint: 'Write {"<name>": "<value>"}.',
    details: { input },
  });
}
