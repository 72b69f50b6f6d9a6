/**
 * Checks a task's input against its operation's schemas. Nothing is changed: defaults are not inserted (a default is what the API does when nothing is
 * sent), parameters are coerced for the check only, bodies never.
 */
import type { AnySchemaObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Json } from '../kernel/json.ts';
import type { MediaType, Operation, Parameter, SchemaDialect } from '../openapi/operation.ts';
import { mediaTypePlan, type BodyKind } from './body-plan.ts';
import { effectiveParameters } from './effective-parameters.ts';
import { isFileValue } from './file-value.ts';
import { MAX_FAULTS, type InputFault } from './input-fault.ts';
import { INPUT_GROUPS } from './input-names.ts';
import {
  CheckedSchemaReader,
  type CheckedSchemaOptions,
  type JsonSchema,
  type SchemaWarning,
} from './checked-schema.ts';
import { covers, essenceOf, isJsonType } from './media-type.ts';
import type { OperationInput } from './operation-input.ts';
import { coerceFaulty } from './parameter-coercion.ts';
import { groupOf } from './parameter-writer.ts';
import { compilePattern } from './pattern.ts';
import { CHECKED_FORMATS } from './schema-keywords.ts';
import { validationFaults } from './validation-fault.ts';

export interface InputValidator {
  /** What strict validation refuses, at most 20; empty when all is well. Includes what {@link OperationInput.faults} has. */
  validate(input: OperationInput): readonly InputFault[];
  /** What of the operation's schemas checks nothing. */
  readonly warnings: readonly SchemaWarning[];
}

/** Beyond it, compiling would hold the process up for long; the schema checks nothing, with a warning. */
const MAX_NODES = 5_000;

interface BodySchema {
  readonly essence: string;
  readonly validate: ValidateFunction;
}

/** @param fragments the targets of the operation's references, and theirs, by pointer */
export function compileValidator(
  operation: Operation,
  dialect: SchemaDialect,
  fragments: ReadonlyMap<string, Json>,
): InputValidator {
  const warnings: SchemaWarning[] = [];
  const options = { dialect, fragments };
  const parameters = effectiveParameters(operation);
  const wholeQuery = parameters.find((parameter) => parameter.in === 'querystring')?.name;
  const isText = textParameters(parameters);
  const validateParameters = compileSchema(options, warnings, '/parameters', (reader) =>
    parametersSchema(parameters, reader),
  );
  const bodies = compileBodies(operation.requestBody?.content ?? {}, options, warnings);
  const isBodyRequired = operation.requestBody?.required === true;
  return {
    warnings,
    validate: (input) => {
      const faults = [
        ...input.faults,
        ...checkParameters(validateParameters, groupsOf(input, wholeQuery), isText),
        ...checkBody(bodies, isBodyRequired, input),
      ];
      return faults.slice(0, MAX_FAULTS);
    },
  };
}

type IsText = (path: readonly string[]) => boolean;

/** Whether the parameter that a path leads into is written as text: all but those whose `content` is JSON. */
function textParameters(parameters: readonly Parameter[]): IsText {
  const json = parameters.filter(({ contentType }) => contentType !== undefined && isJsonType(essenceOf(contentType)));
  const keys = new Set(
    json.map(({ in: location, name }) => (location === 'querystring' ? 'query' : `${location} ${name}`)),
  );
  return ([group = '', name = '']) => !keys.has(group) && !keys.has(`${group} ${name}`);
}

/** @param wholeQuery a 3.2 `querystring` parameter, whose value stands for the group */
function groupsOf({ path, query, header, cookie }: OperationInput, wholeQuery: string | undefined): unknown {
  return { path, query: wholeQuery === undefined ? query : query[wholeQuery], header, cookie };
}

function checkParameters(check: ValidateFunction | undefined, data: unknown, isText: IsText): readonly InputFault[] {
  if (check === undefined || check(data)) return [];
  const errors = check.errors ?? [];
  const coerced = coerceFaulty(data, errors, isText);
  if (coerced === undefined) return validationFaults(errors, '');
  return check(coerced) ? [] : validationFaults(check.errors ?? [], '');
}

function checkBody(
  bodies: readonly BodySchema[],
  isRequired: boolean,
  { body, mediaType }: OperationInput,
): readonly InputFault[] {
  if (mediaType === undefined) return isRequired ? [{ pointer: '/body', message: 'is required' }] : [];
  const { essence, kind } = mediaType.plan;
  const found = bodies.find((one) => one.essence === essence) ?? bodies.find((one) => covers(one.essence, essence));
  if (found === undefined || !isLookedInto(kind, body)) return [];
  return found.validate(kind === 'multipart' ? withoutFiles(body) : body)
    ? []
    : validationFaults(found.validate.errors ?? [], '/body');
}

function parametersSchema(parameters: readonly Parameter[], reader: CheckedSchemaReader): JsonSchema {
  const groups = INPUT_GROUPS.map((group) => {
    const inGroup = parameters.filter((parameter) => groupOf(parameter.in) === group);
    return [group, groupSchema(group, inGroup, reader)] as const;
  });
  return {
    type: 'object',
    properties: Object.fromEntries(groups),
    required: parameters.some((parameter) => parameter.in === 'querystring' && parameter.required) ? ['query'] : [],
  };
}

function groupSchema(group: string, parameters: readonly Parameter[], reader: CheckedSchemaReader): JsonSchema {
  const whole = parameters.find((parameter) => parameter.in === 'querystring');
  if (whole !== undefined) return reader.read(whole.schema, '/parameters/query');
  const properties = parameters.map(({ name, schema }) => [name, reader.read(schema, `/parameters/${group}/${name}`)]);
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as Readonly<Record<string, JsonSchema>>,
    required,
  };
}

/** Media types of one schema share one compiled check. */
function compileBodies(
  content: Readonly<Record<string, MediaType>>,
  options: CheckedSchemaOptions,
  warnings: SchemaWarning[],
): readonly BodySchema[] {
  const compiled = new Map<string, ValidateFunction | undefined>();
  return Object.entries(content).flatMap(([declared, { schema }]) => {
    const { essence, kind } = mediaTypePlan(declared);
    if (schema === undefined || kind === 'bytes' || kind === 'text') return [];
    const key = JSON.stringify(schema);
    if (!compiled.has(key))
      compiled.set(
        key,
        compileSchema(options, warnings, '/requestBody', (reader) => reader.read(schema, '/requestBody')),
      );
    const validate = compiled.get(key);
    return validate === undefined ? [] : [{ essence, validate }];
  });
}

/** XML and other text is not looked into, nor are bytes and forms that were written by hand. */
function isLookedInto(kind: BodyKind, body: unknown): boolean {
  return kind === 'json' || kind === 'multipart' || (kind === 'form' && typeof body !== 'string');
}

/** To a schema, a file is text (OpenAPI "Considerations for File Uploads"). */
function withoutFiles(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map(fileAsText);
  const entries = Object.entries(body).map(([name, value]: readonly [string, unknown]) => [
    name,
    Array.isArray(value) ? value.map(fileAsText) : fileAsText(value),
  ]);
  return Object.fromEntries(entries);
}

function fileAsText(value: unknown): unknown {
  return isFileValue(value) || value instanceof Uint8Array ? 'file' : value;
}

function compileSchema(
  options: CheckedSchemaOptions,
  warnings: SchemaWarning[],
  pointer: string,
  read: (reader: CheckedSchemaReader) => JsonSchema,
): ValidateFunction | undefined {
  const reader = new CheckedSchemaReader(options);
  const schema = read(reader);
  warnings.push(...reader.warnings);
  if (schema === true) return undefined;
  if (reader.nodes > MAX_NODES) {
    warnings.push({ pointer, message: `has more than ${MAX_NODES} schemas and checks nothing` });
    return undefined;
  }
  try {
    return newAjv().compile({ allOf: [schema], $defs: reader.defs } satisfies AnySchemaObject);
  } catch {
    // Ajv's message may quote the document; the warning says where it is.
    warnings.push({ pointer, message: 'does not compile and checks nothing' });
    return undefined;
  }
}

/** One an operation: an instance remembers every schema it has compiled, and costs a fraction of the compiling. */
function newAjv(): Ajv2020 {
  return new Ajv2020({
    strict: false,
    meta: false,
    validateSchema: false,
    allErrors: true,
    ownProperties: true,
    multipleOfPrecision: 6,
    logger: false,
    formats: Object.fromEntries(CHECKED_FORMATS.map((name) => [name, fullFormats[name]])),
    // Optimising the generated code doubles the time to compile and saves a check next to nothing.
    code: { optimize: false, regExp: Object.assign(regExpOf, { code: 'regExpOf' }) },
  });
}

function regExpOf(pattern: string): RegExp {
  const expression = compilePattern(pattern);
  if (expression === undefined) throw new SyntaxError('The pattern cannot be run.');
  return expression;
}
