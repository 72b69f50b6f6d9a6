/**
 * Opened integrations by name, kept as long as their revision stands. Who uses one checks its revision at every call: with the token's record, or with
 * `current` where there is no token.
 */
import { EverbearerError } from '../errors.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Destination, HttpLimits } from '../kernel/http-client.ts';
import type { ModelRecord, ModelStore } from '../model/model-store.ts';
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import { createReadBatch } from '../token/read-batch.ts';
import type { TokenConfiguration } from '../token/token-configuration.ts';
import { destinationOf, type DestinationOptions } from './destination.ts';
import { openContent, type IntegrationContent } from './integration-content.ts';
import { marksOf } from './integration-edit.ts';
import type { IntegrationRecord, IntegrationStore } from './integration-store.ts';
import { schemeCredentials, type SchemeCredentials, type TokenCredentials } from './scheme-credentials.ts';
import { serverUrl } from './server-url.ts';

/** How many integrations a process keeps opened. */
const KEPT = 10_000;

export interface OpenIntegration {
  readonly record: IntegrationRecord;
  readonly content: IntegrationContent;
  readonly model: ModelRecord;
  /** Absent where neither the person nor the document gives a server. */
  readonly baseUrl: string | undefined;
  readonly credentials: ReadonlyMap<string, SchemeCredentials>;
  readonly destination: Destination;
  /** The configuration of a scheme's token. @throws EverbearerError `not_found`, `configuration_missing` for a scheme without one */
  tokenConfiguration(scheme: string, scopes?: readonly string[]): TokenConfiguration;
}

export interface DirectoryOptions extends DestinationOptions {
  /** Of token requests. */
  readonly tokenLimits: HttpLimits;
}

export interface DirectoryPorts {
  readonly integrations: IntegrationStore;
  readonly models: ModelStore;
  readonly cipher: Cipher;
  readonly clock: Clock;
}

export interface Directory {
  /** As last read; its revision is not checked. @throws EverbearerError `not_found`, `configuration_missing` */
  find(name: string): OpenIntegration | Promise<OpenIntegration>;
  /** What `find` would answer at once. */
  opened(name: string): OpenIntegration | undefined;
  /** Read now. */
  reload(name: string): Promise<OpenIntegration>;
  /** Checked against the store: one shared read. */
  current(name: string): Promise<OpenIntegration>;
}

export function createDirectory(ports: DirectoryPorts, options: DirectoryOptions): Directory {
  const opened = new BoundedCache<string, OpenIntegration>({ maxEntries: KEPT });
  const revisions = createReadBatch(
    ports.clock,
    (ids) => ports.integrations.revisions(ids),
    (all, id) => all.get(id),
  );

  /** Callers of one moment share a load, which begins after each of them came: a worker's first calls are thousands. */
  const loads = createReadBatch(
    ports.clock,
    async (names) => new Map(names.map((name) => [name, load(name)])),
    (all, name) => all.get(name) ?? load(name),
  );
  const reload = async (name: string): Promise<OpenIntegration> => await loads.read(name);

  async function load(name: string): Promise<OpenIntegration> {
    opened.delete(name);
    const record = await ports.integrations.findByName(name);
    if (record === undefined) throw integrationNotFound(name);
    const model = await ports.models.find(record.model);
    if (model === undefined) {
      throw new EverbearerError('not_found', `The model ${record.model} of the integration "${name}" is not there.`, {
        hint: 'Import it again: everbearer import <file>.',
      });
    }
    const integration = openIntegration(record, model, ports.cipher, options);
    opened.set(name, integration);
    return integration;
  }

  const find: Directory['find'] = (name) => opened.find(name) ?? reload(name);

  return {
    find,
    opened: (name) => opened.find(name),
    reload,
    async current(name) {
      const integration = await find(name);
      const rev = await revisions.read(integration.record.id);
      return rev === integration.record.rev ? integration : await reload(name);
    },
  };
}

export function integrationNotFound(name: string): EverbearerError {
  return new EverbearerError('not_found', `There is no integration "${name}".`, {
    hint: 'everbearer integrations list shows those there are.',
  });
}

function openIntegration(
  record: IntegrationRecord,
  model: ModelRecord,
  cipher: Cipher,
  options: DirectoryOptions,
): OpenIntegration {
  const content = openContent(cipher, record);
  const { server } = content.settings;
  const baseUrl = 'url' in server && server.url === '' ? undefined : serverUrl(server);
  const credentials = credentialsByScheme(model.facts.securitySchemes, content.authentication);
  const destination = destinationOf(content.settings, baseUrl, credentials.values(), content.tlsKey, options);
  const configurations = new Map<string, TokenConfiguration>();
  return {
    record,
    content,
    model,
    baseUrl,
    credentials,
    destination,
    tokenConfiguration(scheme, scopes) {
      const key = scopes === undefined ? scheme : `${scheme} ${scopes.toSorted().join(' ')}`;
      const known = configurations.get(key);
      if (known !== undefined) return known;
      const configuration = tokenConfiguration(
        { record, destination, cipher, limits: options.tokenLimits },
        scheme,
        tokenCredentials(record.name, scheme, credentials.get(scheme)),
        scopes,
      );
      configurations.set(key, configuration);
      return configuration;
    },
  };
}

/** Every scheme of the model, and those that the person named although the document doesn't. */
function credentialsByScheme(
  schemes: readonly SecurityScheme[],
  authentication: IntegrationContent['authentication'],
): ReadonlyMap<string, SchemeCredentials> {
  return new Map(
    schemes.map((scheme) => {
      const values = Object.hasOwn(authentication, scheme.name) ? authentication[scheme.name] : undefined;
      return [scheme.name, schemeCredentials(scheme, values)];
    }),
  );
}

function tokenCredentials(
  integration: string,
  scheme: string,
  credentials: SchemeCredentials | undefined,
): TokenCredentials {
  if (credentials?.kind === 'token') return credentials;
  if (credentials === undefined) {
    throw new EverbearerError('not_found', `The model of "${integration}" has no security scheme "${scheme}".`, {
      hint: 'everbearer models show <versionId> lists them.',
    });
  }
  throw new EverbearerError(
    'configuration_missing',
    `The security scheme "${scheme}" of "${integration}" has no token.`,
    {
      hint:
        credentials.kind === 'unsupported'
          ? credentials.reason
          : 'Only schemes with an OAuth flow or an exchange have one; API keys and passwords are put on requests as they are.',
    },
  );
}

function tokenConfiguration(
  of: {
    readonly record: IntegrationRecord;
    readonly destination: Destination;
    readonly cipher: Cipher;
    readonly limits: HttpLimits;
  },
  scheme: string,
  credentials: TokenCredentials,
  scopes: readonly string[] | undefined,
): TokenConfiguration {
  const { record, cipher } = of;
  const { exchange, clientAuth, missing, presentsRefreshToken } = credentials;
  const inputs =
    scopes === undefined ? credentials.inputs : { ...credentials.inputs, scope: scopes.toSorted().join(' ') };
  const marks = marksOf(record.marks, scheme);
  return Object.freeze({
    id: `${record.id}:${scheme}:${cipher.fingerprint(['token-key', ...(scopes?.toSorted() ?? [])])}`,
    integrationId: record.id,
    integration: record.name,
    scheme,
    ...(scopes === undefined ? {} : { scopes: scopes.toSorted() }),
    rev: record.rev,
    accountRev: marks.account_rev,
    secretRev: marks.secret_rev,
    cfgFp: cipher.fingerprint(['configuration', canonicalJson({ exchange, inputs, clientAuth })]),
    exchange,
    inputs,
    ...(clientAuth === undefined ? {} : { clientAuth }),
    missing,
    presentsRefreshToken,
    destination: of.destination,
    limits: of.limits,
  });
}
