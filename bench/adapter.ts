/** What a generated adapter brings to `@itentialopensource/adapter-utils`: a directory of entities with their actions and schemas, and properties. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const PACKAGE = '@itentialopensource/adapter-utils';

/** The files of one entity by their names, without `.json`. */
export type EntityFiles = Readonly<Record<string, unknown>>;

/** It logs to a global of its host, and an SDK of its dependencies warns on standard error. */
export function silenceAdapter(): void {
  const ignore = (): void => undefined;
  const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, spam: ignore };
  Object.assign(globalThis, { log });
  process.env['AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE'] = '1';
}

/** @param directory that of the adapter */
export async function writeAdapter(directory: string, entities: Readonly<Record<string, EntityFiles>>): Promise<void> {
  for (const [name, files] of Object.entries(entities)) {
    const entity = join(directory, 'entities', name);
    await mkdir(entity, { recursive: true });
    for (const [file, content] of Object.entries(files))
      await writeFile(join(entity, `${file}.json`), JSON.stringify(content));
  }
  const errors = createRequire(import.meta.url).resolve(`${PACKAGE}/error.json`);
  await copyFile(errors, join(directory, 'error.json'));
}

/** An action of an entity, with the defaults of the generator. @param differing put over them */
export function adapterAction(
  name: string,
  method: string,
  entitypath: string,
  differing: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    name,
    protocol: 'REST',
    method,
    entitypath,
    schema: 'schema.json',
    timeout: 0,
    sendEmpty: false,
    requestDatatype: 'JSON',
    responseDatatype: 'JSON',
    headers: {},
    responseObjects: [{ type: 'default', key: '', mockFile: '' }],
    ...differing,
  };
}

/** @param types names of the actions that the schema is for; @param properties more of them, by the name that the adapter has for each */
export function adapterSchema(
  id: string,
  types: readonly string[],
  properties: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    $id: `${id}.json`,
    type: 'object',
    schema: 'http://json-schema.org/draft-07/schema#',
    translate: true,
    dynamicfields: true,
    properties: { ph_request_type: { type: 'string', enum: types, external_name: 'ph_request_type' }, ...properties },
    definitions: {},
  };
}

export interface AdapterService {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly basePath: string;
  readonly authentication: Readonly<Record<string, unknown>>;
  /** Of a request that failed. */
  readonly retries: number;
}

/** The properties of a service instance. */
export function adapterProperties(service: AdapterService): Readonly<Record<string, unknown>> {
  const { hostname: host, port } = new URL(service.origin);
  return {
    host,
    port: Number(port),
    protocol: 'http',
    base_path: service.basePath,
    version: '',
    authentication: service.authentication,
    healthcheck: { type: 'none' },
    request: {
      number_retries: service.retries,
      limit_retry_error: 0,
      attempt_timeout: 60_000,
      healthcheck_on_timeout: false,
    },
    proxy: { enabled: false },
    ssl: { enabled: false },
    throttle: { throttle_enabled: false },
  };
}
