/**
 * Opened integrations by name, kept as long as their revision stands. Who uses one checks its revision at every call: with the token's record, or with
 * `current` where there is no token.
 */
import { EverbearerError } from '../errors.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { grantKindOf } from '../exchange/grant-kind.ts';
import { stepOrigins } from '../exchange/step-origins.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Destination, HttpLimits } from '../kernel/http-client.ts';
import type { Json } from '../kernel/json.ts';
import type { ModelRecord, ModelStore } from '../model/model-store.ts';
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import type { EventTeller } from '../token/event-teller.ts';
import { createReadBatch } from '../token/read-batch.ts';
import { isUnavailable, type StoreGate } from '../token/store-gate.ts';
import type { TokenConfiguration } from '../token/token-configuration.ts';
import type { TokenRecord } from '../token/token-record.ts';
import { destinationOf, type DestinationOptions } from './destination.ts';
import { openContent, type IntegrationContent } from './integration-content.ts';
import { marksOf } from './integration-edit.ts';
import type { IntegrationRecord, IntegrationStore } from './integration-store.ts';
import { schemeCredentials, type SchemeCredentials, type TokenCredentials } from './scheme-credentials.ts';
import { serverUrl } from './server-url.ts';
import { inputsOfVariant, tokenRecordId, type TokenVariant } from './token-variant.ts';

/** How many integrations a process keeps opened. */
const KEPT = 10_000;

/** How many further tokens of an integration a process keeps the configuration of. */
const VARIANTS_KEPT = 1_000;

export interface OpenIntegration {
  readonly record: IntegrationRecord;
  readonly content: IntegrationContent;
  readonly model: ModelRecord;
  /** Absent where neither the person nor the document gives a server. */
  readonly baseUrl: string | undefined;
  readonly credentials: ReadonlyMap<string, SchemeCredentials>;
  readonly destination: Destination;
  /**
   * The configuration of a scheme's own token, or of a further one.
   * @throws EverbearerError `not_found`, `configuration_missing` for a scheme without one, `bad_request` for a variant that its exchange cannot ask for
   */
  tokenConfiguration(scheme: string, variant?: TokenVariant): TokenConfiguration;
}

export interface DirectoryOptions extends DestinationOptions {
  /** Who the events name. */
  readonly actor: string;
  /** `serve-until-expiry`: while the store is away an integration is used as it was last read. */
  readonly onStoreUnavailable: 'serve-until-expiry' | 'fail';
  /** Of token requests. */
  readonly tokenLimits: HttpLimits;
}

export interface DirectoryPorts {
  readonly integrations: IntegrationStore;
  readonly models: ModelStore;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly events: EventTeller;
  readonly gate: StoreGate;
}

/** A token's record that is ahead of its integration: the store was restored from a backup, or rolled back. */
export type RecordAhead = Pick<TokenRecord, 'rev' | 'cfg_ver' | 'scheme'>;

export interface Directory {
  /** As last read; its revision is not checked. @throws EverbearerError `not_found`, `configuration_missing` */
  find(name: string): OpenIntegration | Promise<OpenIntegration>;
  /** What `find` would answer at once. */
  opened(name: string): OpenIntegration | undefined;
  /** Read now. @param ahead a record with a revision that the integration must have had: it is raised above it where it has not */
  reload(name: string, ahead?: RecordAhead): Promise<OpenIntegration>;
  /** Checked against the store: one shared read. */
  current(name: string): Promise<OpenIntegration>;
}

export function createDirectory(ports: DirectoryPorts, options: DirectoryOptions): Directory {
  const opened = new BoundedCache<string, OpenIntegration>({ maxEntries: KEPT });
  const revisions = createReadBatch(
    ports.clock,
    (ids) => ports.gate.run(() => ports.integrations.revisions(ids)),
    (all, id) => all.get(id),
  );

  /** Callers of one moment share a load, which begins after each of them came: a worker's first calls are thousands. */
  const loads = createReadBatch(
    ports.clock,
    async (names) => new Map(names.map((name) => [name, load(name)])),
    (all, name) => all.get(name) ?? load(name),
  );

  async function reload(name: string, ahead?: RecordAhead): Promise<OpenIntegration> {
    const integration = await loads.read(name);
    return ahead === undefined || ahead.rev <= integration.record.rev ? integration : await load(name, ahead);
  }

  async function load(name: string, ahead?: RecordAhead): Promise<OpenIntegration> {
    opened.delete(name);
    const found = await ports.integrations.findByName(name);
    if (found === undefined) throw integrationNotFound(name);
    const record = ahead === undefined || ahead.rev <= found.rev ? found : await raise(found, ahead);
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

  /** Tokens of an account that the integration does not know any more go with it. */
  async function raise(
    found: IntegrationRecord,
    { rev, cfg_ver: cfgVer, scheme }: RecordAhead,
  ): Promise<IntegrationRecord> {
    const { createdAt: _created, updatedAt: _updated, ...record } = found;
    const marks = marksOf(found.marks, scheme);
    const raised = rev + 1;
    const known = cfgVer <= marks.account_rev;
    await ports.integrations.replace(
      {
        ...record,
        rev: raised,
        marks: { ...found.marks, [scheme]: known ? marks : { ...marks, account_rev: raised } },
      },
      found.rev,
    );
    await ports.events.tell({
      type: 'revision_raised',
      integration: found.name,
      scheme,
      actor: options.actor,
      reason: 'record_ahead',
      outcome: 'ok',
      details: { revision: raised, tokens_kept: known },
    });
    return (await ports.integrations.findByName(found.name)) ?? found;
  }

  const find: Directory['find'] = (name) => opened.find(name) ?? reload(name);

  return {
    find,
    opened: (name) => opened.find(name),
    reload,
    async current(name) {
      const integration = await find(name);
      const rev = await revisions.read(integration.record.id).catch((error: unknown) => {
        if (isUnavailable(error) && options.onStoreUnavailable === 'serve-until-expiry') return integration.record.rev;
        throw error;
      });
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
  const own = new Map<string, TokenConfiguration>();
  const further = new BoundedCache<string, TokenConfiguration>({ maxEntries: VARIANTS_KEPT });
  const parts = { record, destination, cipher, limits: options.tokenLimits };
  const configurationOf = (scheme: string, variant?: TokenVariant): TokenConfiguration =>
    tokenConfiguration(parts, scheme, tokenCredentials(record.name, scheme, credentials.get(scheme)), variant);

  function furtherConfiguration(scheme: string, variant: TokenVariant): TokenConfiguration {
    const key = canonicalJson([scheme, variant]);
    const known = further.find(key);
    if (known !== undefined) return known;
    const configuration = configurationOf(scheme, variant);
    further.set(key, configuration);
    return configuration;
  }

  return {
    record,
    content,
    model,
    baseUrl,
    credentials,
    destination,
    tokenConfiguration(scheme, variant) {
      if (variant !== undefined) return furtherConfiguration(scheme, variant);
      const configuration = own.get(scheme) ?? configurationOf(scheme);
      own.set(scheme, configuration);
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
  variant: TokenVariant | undefined,
): TokenConfiguration {
  const { record, cipher } = of;
  const { exchange, clientAuth, missing, presentsRefreshToken } = credentials;
  const inputs = variant === undefined ? credentials.inputs : inputsOfVariant(exchange, credentials.inputs, variant);
  const marks = marksOf(record.marks, scheme);
  return Object.freeze({
    id: tokenRecordId(cipher, record.id, scheme, variant),
    integrationId: record.id,
    integration: record.name,
    scheme,
    ...variant,
    rev: record.rev,
    accountRev: marks.account_rev,
    secretRev: marks.secret_rev,
    cfgFp: cipher.fingerprint(['configuration', canonicalJson({ exchange, inputs, clientAuth })]),
    exchange,
    inputs,
    ...(clientAuth === undefined ? {} : { clientAuth }),
    missing,
    hasPrimary: missing.length === 0 && exchange.acquire.length > 0,
    ...credentialIdOf(cipher, exchange, inputs),
    origin: stepOrigins(exchange, inputs)[0] ?? '',
    presentsRefreshToken,
    destination: of.destination,
    limits: of.limits,
  });
}

/** Inputs that say what is asked for, or where else; the same account's password goes to the same place whatever they are. */
const NO_CREDENTIALS: readonly string[] = ['scope', 'parameters', 'refresh_url', 'resource', 'audience'];

/** Of grants that present an account: integrations, schemes and scopes that present the same one share its guard. */
function credentialIdOf(
  cipher: Cipher,
  exchange: Exchange,
  inputs: Readonly<Record<string, Json>>,
): { readonly credentialId?: string } {
  if (grantKindOf(exchange, 'acquire') !== 'login') return {};
  const presented = Object.entries(inputs).filter(([name]) => !NO_CREDENTIALS.includes(name));
  const text = canonicalJson({ acquire: exchange.acquire, inputs: Object.fromEntries(presented) });
  return { credentialId: `cred:${cipher.fingerprint(['credential', text])}` };
}
