/**
 * The one operation of a model of `kind: 'connector'`: `{method, path, query?, header?, body?, contentType?}`, confined to the connector's base URL. There is
 * no document, so nothing is undeclared and nothing validated; every guard of `buildRequest` holds.
 */
import { isObject, own } from '../kernel/json.ts';
import type { Operation } from '../openapi/operation.ts';
import { buildRequest, type BuiltRequest } from './build-request.ts';
import { isToken } from './header-field.ts';
import { inputInvalid, located, type InputFault } from './input-fault.ts';
import { readInput } from './operation-input.ts';
import { encodeConnectorPath } from './percent-encoding.ts';
import { compilePlan } from './request-plan.ts';
import type { ServerBase } from './server-base.ts';

const NOTHING_DECLARED: Omit<Operation, 'method' | 'path'> = {
  operationId: 'request',
  tags: [],
  deprecated: false,
  parameters: [],
  responses: {},
  security: [],
  pointer: '',
};

/**
 * @param raw the task input; `path` is text here, below the base URL, with a query if need be
 * @throws EverbearerError `input_invalid`
 */
export function buildConnectorRequest(server: ServerBase, raw: unknown): BuiltRequest {
  const method = own(raw, 'method') ?? 'GET';
  const path = own(raw, 'path') ?? '';
  const faults: InputFault[] = [];
  if (typeof method !== 'string' || !isToken(method))
    faults.push({ pointer: '/method', message: 'must be an HTTP method' });
  if (typeof path !== 'string') faults.push({ pointer: '/path', message: 'must be text, e.g. "/contacts/42"' });
  if (!isObject(raw) || typeof method !== 'string' || typeof path !== 'string' || faults.length > 0) {
    throw inputInvalid(
      faults.length > 0 ? faults : [{ pointer: '', message: 'must be an object with "method" and "path"' }],
    );
  }
  const { method: _method, path: _path, ...rest } = raw;
  const plan = compilePlan({
    ...NOTHING_DECLARED,
    method: method.toUpperCase(),
    path: located('/path', () => encodeConnectorPath(path)),
  });
  return buildRequest(plan, server, readInput(plan, rest));
}
