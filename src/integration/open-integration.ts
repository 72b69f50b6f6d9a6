/** An integration with its secrets opened: where its tasks go, and the configuration of each of its tokens. Pure. */
import { EverbearerError } from '../errors.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { grantKindOf } from '../exchange/grant-kind.ts';
import { stepOrigins } from '../exchange/step-origins.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Destination, HttpLimits } from '../kernel/http-client.ts';
import type { Json } from '../kernel/json.ts';
import type { ModelRecord } from '../model/model-store.ts';
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import type { TokenConfiguration } from '../token/token-configuration.ts';
import { destinationOf, type DestinationOptions } from './destination.ts';
import { openContent, type IntegrationContent } from './integration-content.ts';
import { marksOf } from './integration-edit.ts';
import type { IntegrationRecord } from './integration-store.ts';
import { schemeCredentials, type SchemeCredentials, type TokenCredentials } from './scheme-credentials.ts';
import { serverUrl } from './server-url.ts';
import { inputsOfVariant, tokenRecordId, type TokenVariant } from './token-variant.ts';

/** How many further tokens of an integration a process keeps the configuration of. */
const VARIANTS_KEPT = 1_000;

export interface OpenIntegrationOptions extends DestinationOptions {
  /** Of token requests. */
  readonly tokenLimits: HttpLimits;
}

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

/** @throws EverbearerError `key_unknown`, `configuration_missing` where its secrets don't open */
export function openIntegration(
  record: IntegrationRecord,
  model: ModelRecord,
  cipher: Cipher,
  options: OpenIntegrationOptions,
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
