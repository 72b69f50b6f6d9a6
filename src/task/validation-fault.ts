/** Ajv's errors → faults that a person can act on, and that echo no value. */
import type { ErrorObject } from 'ajv';
import type { InputFault } from './input-fault.ts';

const MAX_ALLOWED = 10;

/** @param prefix of the pointers, e.g. `/body` */
export function validationFaults(errors: readonly ErrorObject[], prefix: string): readonly InputFault[] {
  const alternatives = new Set(
    errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath),
  );
  const faults = errors
    .filter((error) => isTelling(error, errors, alternatives))
    .map((error) => faultOf(error, errors, prefix));
  return [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.message}`, fault])).values()];
}

/**
 * Where no alternative fits, every one has its errors: those of alternatives of another type say nothing, unless the type is all that is wrong.
 * `if` only repeats what its branch says.
 */
function isTelling(error: ErrorObject, errors: readonly ErrorObject[], alternatives: ReadonlySet<string>): boolean {
  if (error.keyword === 'if') return false;
  if (!alternatives.has(error.instancePath)) return true;
  if (error.keyword === 'anyOf') return hasDeeper(error.instancePath, errors);
  return error.keyword !== 'type' || !hasDeeper(error.instancePath, errors);
}

function hasDeeper(path: string, errors: readonly ErrorObject[]): boolean {
  return errors.some(({ instancePath, keyword }) => {
    if (instancePath === path) return keyword !== 'type' && keyword !== 'anyOf' && keyword !== 'if';
    return instancePath.startsWith(`${path}/`);
  });
}

function faultOf(error: ErrorObject, errors: readonly ErrorObject[], prefix: string): InputFault {
  const params = error.params as Readonly<Record<string, unknown>>;
  const pointer = prefix + error.instancePath;
  switch (error.keyword) {
    case 'required':
      return { pointer: `${pointer}/${escaped(params['missingProperty'])}`, message: 'is required' };
    case 'additionalProperties':
      return {
        pointer: `${pointer}/${escaped(params['additionalProperty'])}`,
        message: 'is not a property of this object',
      };
    case 'unevaluatedProperties':
      return {
        pointer: `${pointer}/${escaped(params['unevaluatedProperty'])}`,
        message: 'is not a property of this object',
      };
    case 'type':
      return { pointer, message: `must be ${typesAt(error.instancePath, errors).join(' or ')}` };
    case 'enum':
      return { pointer, message: `must be ${listed(params['allowedValues'])}` };
    case 'const':
      return { pointer, message: `must be ${listed(constantsAt(error.instancePath, errors))}` };
    case 'anyOf':
      return { pointer, message: 'must fit one of the alternatives' };
    case 'false schema':
      return { pointer, message: 'must not be given' };
    default:
      return { pointer, message: error.message ?? `does not fit ${error.keyword}` };
  }
}

function typesAt(path: string, errors: readonly ErrorObject[]): readonly string[] {
  const types = errors
    .filter(({ instancePath, keyword }) => instancePath === path && keyword === 'type')
    .flatMap(({ params }) => typesOf(params as Readonly<Record<string, unknown>>));
  return [...new Set(types)];
}

/** Alternatives that differ in a constant are an enum. */
function constantsAt(path: string, errors: readonly ErrorObject[]): readonly unknown[] {
  return errors
    .filter(({ instancePath, keyword }) => instancePath === path && keyword === 'const')
    .map(({ params }) => (params as Readonly<Record<string, unknown>>)['allowedValue']);
}

/** The types that a `type` error wants. */
export function typesOf(params: Readonly<Record<string, unknown>>): readonly string[] {
  const { type } = params;
  return (Array.isArray(type) ? type : [type]).map(String);
}

function listed(allowed: unknown): string {
  const values: readonly unknown[] = Array.isArray(allowed) ? allowed : [];
  const shown = values.slice(0, MAX_ALLOWED).map((value) => JSON.stringify(value));
  const more = values.length > MAX_ALLOWED ? `, or one of ${values.length - MAX_ALLOWED} more` : '';
  return values.length === 1 ? String(shown[0]) : `one of ${shown.join(', ')}${more}`;
}

function escaped(name: unknown): string {
  return String(name).replaceAll('~', '~0').replaceAll('/', '~1');
}
