/** What goes into an operation: parameters and request body (OpenAPI 3.2 §4.12, §4.13). */
import { isObject, own } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { flagField, present } from './document-fields.ts';
import { named } from './finding.ts';
import { brokenReferenceIssue, type Issue, type UsedSchema } from './issue.ts';
import type { Located, LocatedObject } from './located.ts';
import type { Parameter, RequestBody } from './operation.ts';
import type { LocatedOperation } from './path-items.ts';
import { readContent } from './read-media-type.ts';
import { readParameter, unusableParameter, type ReadParameter } from './read-parameter.ts';
import { templateNames } from './read-server.ts';
import type { References } from './references.ts';
import { mediaTypes, upgradeInput } from './upgrade-operation.ts';

export interface InputContext {
  readonly document: unknown;
  /** Whether the document is OpenAPI 2.0. */
  readonly upgrade: boolean;
  readonly references: References;
}

export interface ReadInput {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly schemas: readonly UsedSchema[];
  readonly issues: readonly Issue[];
}

export function readInput(operation: LocatedOperation, context: InputContext): ReadInput {
  const { references, upgrade } = context;
  const resolved = resolveParameters(operation, references);
  const input = upgrade
    ? upgradeInput(resolved.parameters, mediaTypes('consumes', operation.value, context.document))
    : { parameters: resolved.parameters, ...present('requestBody', bodyField(operation)), contradictory: false };
  const read = [
    ...resolved.unusable,
    ...input.parameters.map((parameter) => readParameter(parameter, references, { ignoreHeaders: !upgrade })),
  ];
  const declared = read.flatMap(({ parameter }) => parameter ?? []);
  const undeclared = undeclaredPathParameters(operation, declared);
  const body = readRequestBody(input.requestBody, references);
  const contradiction = bodyIssue('it has both a body and form fields; the fields were left out', operation.pointer);
  return {
    parameters: [...declared, ...undeclared.parameters],
    ...present('requestBody', body.requestBody),
    schemas: [...read.flatMap(({ schemas }) => schemas), ...body.schemas],
    issues: [
      ...resolved.issues,
      ...read.flatMap(({ issues }) => issues),
      ...undeclared.issues,
      ...body.issues,
      ...(input.contradictory ? [contradiction] : []),
    ],
  };
}

interface ResolvedParameters {
  readonly parameters: readonly LocatedObject[];
  readonly unusable: readonly ReadParameter[];
  readonly issues: readonly Issue[];
}

/** References resolved; of two parameters with the same name and place the later one is in force. */
function resolveParameters({ parameters: lists }: LocatedOperation, references: References): ResolvedParameters {
  const parameters = new Map<string, LocatedObject>();
  const unusable: ReadParameter[] = [];
  const issues: Issue[] = [];
  for (const { values, pointer } of lists) {
    for (const [index, written] of values.entries()) {
      const resolved = references.resolve(written, `${pointer}${formatPointer([index])}`);
      if (resolved.outcome !== 'found') issues.push(brokenReferenceIssue('A parameter', resolved));
      else if (isObject(resolved.value))
        parameters.set(identity(resolved.value), { ...resolved, value: resolved.value });
      else unusable.push(unusableParameter('It is not an object.', resolved.pointer));
    }
  }
  return { parameters: [...parameters.values()], unusable, issues };
}

/** 2.0 has one body, whatever its name. */
function identity(parameter: unknown): string {
  const location = own(parameter, 'in');
  return JSON.stringify(location === 'body' ? [location] : [location, own(parameter, 'name')]);
}

/** The request could not be sent without a value for each `{name}` in its path. */
function undeclaredPathParameters(
  { path, pointer }: LocatedOperation,
  declared: readonly Parameter[],
): { readonly parameters: readonly Parameter[]; readonly issues: readonly Issue[] } {
  const known = new Set(declared.filter((parameter) => parameter.in === 'path').map(({ name }) => name));
  const names = templateNames(path).filter((name) => !known.has(name));
  if (names.length === 0) return { parameters: [], issues: [] };
  const message = `No parameter describes ${named(names)} in the path; the task takes it as a required string.`;
  return {
    parameters: names.map((name) => ({
      name,
      in: 'path',
      required: true,
      style: 'simple',
      explode: false,
      allowReserved: false,
      schema: { type: 'string' },
    })),
    issues: [{ code: 'path_parameter_undeclared', message, pointer }],
  };
}

function bodyField({ value, pointer }: LocatedOperation): Located | undefined {
  const written = own(value, 'requestBody');
  return written === undefined || written === null ? undefined : { value: written, pointer: `${pointer}/requestBody` };
}

interface ReadBody {
  readonly requestBody?: RequestBody;
  readonly schemas: readonly UsedSchema[];
  readonly issues: readonly Issue[];
}

function readRequestBody(written: Located | undefined, references: References): ReadBody {
  if (written === undefined) return { schemas: [], issues: [] };
  const resolved = references.resolve(written.value, written.pointer);
  if (resolved.outcome !== 'found')
    return { schemas: [], issues: [brokenReferenceIssue('The request body', resolved)] };
  const read = readContent({ ...written, ...resolved }, references);
  if (Object.keys(read.content).length === 0) {
    return {
      schemas: [],
      issues: [...read.issues, bodyIssue('it says of no media type what it holds', resolved.pointer)],
    };
  }
  const required = flagField(resolved.value, 'required') ?? false;
  return { requestBody: { required, content: read.content }, schemas: read.schemas, issues: read.issues };
}

function bodyIssue(why: string, pointer: string): Issue {
  return { code: 'request_body_unusable', message: `The request body cannot be used as it stands: ${why}.`, pointer };
}
