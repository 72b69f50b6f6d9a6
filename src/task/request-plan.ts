/**
 * An operation, compiled: everything about its requests that doesn't depend on the input is decided here, once. Pure; the caller keeps plans by model
 * and operation (`compiled-operations.ts`).
 */
import { own, type Json } from '../kernel/json.ts';
import type { Operation } from '../openapi/operation.ts';
import { acceptHeader } from './accept-header.ts';
import { compileBody, type BodyPlan } from './body-plan.ts';
import { effectiveParameters } from './effective-parameters.ts';
import { isConnectionField } from './header-field.ts';
import { inputNames, type InputNames } from './input-names.ts';
import type { SchemaLookup } from './multipart-body.ts';
import { parameterWriter, type ValueWriter } from './parameter-writer.ts';
import { compilePath, type PathPlan } from './path-plan.ts';
import { readTemplate } from './path-template.ts';

export interface RequestPlan {
  readonly operationId: string;
  readonly method: string;
  readonly path: PathPlan;
  readonly query: readonly ValueWriter[];
  readonly headers: readonly HeaderWriter[];
  readonly cookies: readonly ValueWriter[];
  readonly accept: string;
  /** Absent where the operation takes no body. */
  readonly body?: BodyPlan;
  readonly names: InputNames;
}

export interface HeaderWriter extends ValueWriter {
  /** Lower case. */
  readonly field: string;
}

export interface PlanOptions {
  /** Targets of the operation's references, for multipart bodies whose properties are files. Default none. */
  readonly fragments?: ReadonlyMap<string, Json>;
}

/** @throws EverbearerError `document_refused` for a path that leaves its server by itself */
export function compilePlan(operation: Operation, options: PlanOptions = {}): RequestPlan {
  const parameters = effectiveParameters(operation);
  const writers = parameters.map(parameterWriter);
  const body = compileBody(operation.requestBody, schemaLookup(options.fragments));
  return {
    operationId: operation.operationId,
    method: operation.method,
    path: compilePath(
      readTemplate(operation),
      new Map(inGroup(writers, 'path').map((writer) => [writer.name, writer])),
    ),
    query: inGroup(writers, 'query'),
    headers: headerWriters(writers),
    cookies: inGroup(writers, 'cookie'),
    accept: acceptHeader(operation.responses),
    ...(body === undefined ? {} : { body }),
    names: inputNames(parameters, body !== undefined),
  };
}

function headerWriters(writers: readonly ValueWriter[]): readonly HeaderWriter[] {
  return inGroup(writers, 'header')
    .map((writer) => ({ ...writer, field: writer.name.toLowerCase() }))
    .filter(({ field }) => !isConnectionField(field));
}

function inGroup(writers: readonly ValueWriter[], group: ValueWriter['group']): readonly ValueWriter[] {
  return writers.filter((writer) => writer.group === group);
}

const MAX_HOPS = 8;

function schemaLookup(fragments: ReadonlyMap<string, Json> = new Map()): SchemaLookup {
  return (schema) => {
    let found = schema;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const reference = own(found, '$ref');
      if (typeof reference !== 'string') return found;
      found = fragments.get(reference.replace(/^#/, ''));
    }
    return undefined;
  };
}
