/** One operation, as OpenAPI 3.2 writes it (§4.10). One of 2.0 is upgraded on the way. */
import { isObject, own } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import {
  flagField,
  foreignRecord,
  objectField,
  present,
  standardEntries,
  textField,
  textList,
} from './document-fields.ts';
import { brokenReferenceIssue, type Issue, type UsedSchema } from './issue.ts';
import type { LocatedObject } from './located.ts';
import type { Operation, ResponseDescription, SecurityRequirement, Server } from './operation.ts';
import type { LocatedOperation } from './path-items.ts';
import { readContent } from './read-media-type.ts';
import { readInput, type InputContext } from './read-operation-input.ts';
import { mediaTypes, upgradeResponse } from './upgrade-operation.ts';

/** What an operation needs to know of the document it stands in. */
export interface OperationContext extends InputContext {
  /** The document's global requirement. */
  readonly security: readonly SecurityRequirement[];
  /** The name of a scheme that a requirement means. */
  readonly schemeName: (written: string) => string;
  /** Servers in force for an operation that has its own; empty where it has none. */
  readonly ownServers: (operation: LocatedOperation) => readonly Server[];
}

export interface ReadOperation {
  readonly operation: Operation;
  readonly requestSchemas: readonly UsedSchema[];
  readonly responseSchemas: readonly UsedSchema[];
  readonly issues: readonly Issue[];
}

/** @param operationId the id it has in the model */
export function readOperation(
  located: LocatedOperation,
  operationId: string,
  context: OperationContext,
): ReadOperation {
  const { value, method, path, pointer } = located;
  const input = readInput(located, context);
  const output = readResponses(located, context);
  const servers = context.ownServers(located);
  const operation: Operation = {
    operationId,
    method: method.toUpperCase(),
    path,
    ...present('summary', textField(value, 'summary')),
    ...present('description', textField(value, 'description')),
    tags: textList(own(value, 'tags')),
    deprecated: flagField(value, 'deprecated') ?? false,
    parameters: input.parameters,
    ...present('requestBody', input.requestBody),
    responses: foreignRecord(output.responses),
    ...(servers.length === 0 ? {} : { servers }),
    security: readSecurity(own(value, 'security'), context.schemeName) ?? context.security,
    pointer,
  };
  return {
    operation,
    requestSchemas: input.schemas,
    responseSchemas: output.schemas,
    issues: [...input.issues, ...output.issues],
  };
}

/** A list of requirements; `undefined` where nothing is said. */
export function readSecurity(
  value: unknown,
  schemeName: (written: string) => string,
): readonly SecurityRequirement[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value
    .filter(isObject)
    .map((written) =>
      foreignRecord(standardEntries(written).map(([name, scopes]) => [schemeName(name), textList(scopes)] as const)),
    );
}

interface ReadResponses {
  readonly responses: readonly (readonly [string, ResponseDescription])[];
  readonly schemas: readonly UsedSchema[];
  readonly issues: readonly Issue[];
}

function readResponses({ value, pointer }: LocatedOperation, context: OperationContext): ReadResponses {
  const written = standardEntries(objectField(value, 'responses'));
  const produces = context.upgrade ? mediaTypes('produces', value, context.document) : [];
  const read = written.map(([status, response]) => {
    const resolved = context.references.resolve(response, `${pointer}/responses${formatPointer([status])}`);
    if (resolved.outcome !== 'found') {
      const issue = brokenReferenceIssue(`The response ${status}`, resolved);
      return { response: [status, { content: {} }] as const, schemas: [], issues: [issue] };
    }
    const located: LocatedObject = { value: isObject(resolved.value) ? resolved.value : {}, pointer: resolved.pointer };
    const { content, schemas, issues } = readContent(
      context.upgrade ? upgradeResponse(located, produces) : located,
      context.references,
    );
    const description = textField(located.value, 'description');
    return { response: [status, { ...present('description', description), content }] as const, schemas, issues };
  });
  return {
    responses: read.map(({ response }) => response),
    schemas: read.flatMap(({ schemas }) => schemas),
    issues: read.flatMap(({ issues }) => issues),
  };
}
