/** Operations by hand, with every default filled in as the import does. */
import type { Operation, Parameter, ParameterLocation, ParameterStyle } from '../../src/openapi/operation.ts';
import { buildRequest, type BuiltRequest } from '../../src/task/build-request.ts';
import { readInput } from '../../src/task/operation-input.ts';
import { compilePlan } from '../../src/task/request-plan.ts';
import { parseServerBase } from '../../src/task/server-base.ts';

const STYLES: Readonly<Record<ParameterLocation, ParameterStyle>> = {
  path: 'simple',
  query: 'form',
  header: 'simple',
  cookie: 'form',
  querystring: 'form',
};

export function parameter(name: string, location: ParameterLocation, given: Partial<Parameter> = {}): Parameter {
  const style = given.style ?? STYLES[location];
  return {
    name,
    in: location,
    required: location === 'path',
    style,
    explode: style === 'form',
    allowReserved: false,
    ...given,
  };
}

export function operation(given: Partial<Operation> = {}): Operation {
  return {
    operationId: 'op',
    method: 'GET',
    path: '/things',
    tags: [],
    deprecated: false,
    parameters: [],
    responses: {},
    security: [],
    pointer: '/paths/~1things/get',
    ...given,
  };
}

export const BASE = 'https://api.test/v1';

/** Everything from the document's operation and a person's input to the request. */
export function build(given: Operation, input: unknown, base = BASE): BuiltRequest {
  const plan = compilePlan(given);
  return buildRequest(plan, parseServerBase(base), readInput(plan, input));
}
