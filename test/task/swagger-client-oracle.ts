/** What swagger-client would send for an operation of a document: the oracle of the differential test. A devDependency, never shipped. */
import SwaggerClient from 'swagger-client';
import { isObject, own } from '../../src/kernel/json.ts';
import { valueAt } from '../../src/kernel/json-pointer.ts';
import type { Operation } from '../../src/openapi/operation.ts';
import type { SampledInput } from './sampled-input.ts';

export interface OracleRequest {
  readonly method: string;
  readonly url: string;
  /** A list stands for what its `http` function joins. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

export const ORACLE_BASE = 'https://api.test/base/v1';

interface Foreign {
  readonly [key: string]: unknown;
}

/** A document of the one operation, as the real one says it, with the references of its parameters and body resolved and one known server. */
export function oracleDocument(raw: Foreign, operation: Operation): Foreign {
  const written = valueAt(raw, operation.pointer) as Foreign;
  const item = valueAt(raw, operation.pointer.replace(/\/[^/]*$/, '')) as Foreign;
  const parameters = [...listOf(written['parameters']), ...listOf(item['parameters'])].map((one) => deref(raw, one));
  const body = deref(raw, written['requestBody']);
  const isOld = raw['swagger'] !== undefined;
  const single: Foreign = {
    ...written,
    operationId: 'op',
    parameters: withoutOverridden(parameters),
    ...(body === undefined ? {} : { requestBody: body }),
    servers: undefined,
  };
  return {
    ...(isOld
      ? { swagger: '2.0', host: 'api.test', basePath: '/base/v1', schemes: ['https'], consumes: raw['consumes'] }
      : { openapi: String(raw['openapi']), servers: [{ url: ORACLE_BASE }] }),
    info: { title: 'one', version: '1' },
    paths: { [operation.path]: { [operation.method.toLowerCase()]: single } },
  };
}

export function oracleRequest(document: Foreign, operation: Operation, input: SampledInput): OracleRequest {
  const isOld = document['swagger'] !== undefined;
  const parameters = parametersOf(input);
  const isForm = isOld && /form/.test(input.contentType ?? '');
  const bodyName = isOld ? bodyParameterName(document, operation) : undefined;
  return SwaggerClient.buildRequest({
    spec: document,
    operationId: 'op',
    parameters: {
      ...parameters,
      ...(isForm && isObject(input.body) ? input.body : {}),
      ...(bodyName === undefined ? {} : { [bodyName]: input.body }),
    },
    ...(isOld || input.body === undefined ? {} : { requestBody: input.body }),
    ...(input.contentType === undefined ? {} : { requestContentType: input.contentType }),
  }) as OracleRequest;
}

/** swagger-client takes `<in>.<name>`, which tells parameters of one name apart. */
function parametersOf(input: SampledInput): Foreign {
  const groups = ['path', 'query', 'header', 'cookie'] as const;
  return Object.fromEntries(
    groups.flatMap((group) =>
      Object.entries(input[group]).map(([name, value]) => [`${group}.${name}`, value] as const),
    ),
  );
}

function bodyParameterName(document: Foreign, { path, method }: Operation): string | undefined {
  const parameters = own(own(own(document['paths'], path), method.toLowerCase()), 'parameters');
  const body = listOf(parameters).find((parameter) => own(parameter, 'in') === 'body');
  const name = own(body, 'name');
  return typeof name === 'string' ? name : undefined;
}

function deref(raw: Foreign, value: unknown): unknown {
  let found = value;
  for (let hop = 0; hop < 8; hop++) {
    const reference = own(found, '$ref');
    if (typeof reference !== 'string') return found;
    found = reference.startsWith('#') ? valueAt(raw, decodeURIComponent(reference.slice(1))) : undefined;
  }
  return undefined;
}

/** The operation's own come first and win. */
function withoutOverridden(parameters: readonly unknown[]): readonly unknown[] {
  const seen = new Set<string>();
  return parameters.filter((parameter) => {
    const key = `${String(own(parameter, 'in'))} ${String(own(parameter, 'name'))}`;
    if (!isObject(parameter) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
