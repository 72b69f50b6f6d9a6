/** What is put on one request: static credentials as they are, tokens checked at this very call. */
import { EverbearerError } from '../errors.ts';
import { applyToken } from '../exchange/apply-token.ts';
import type { Logger } from '../kernel/logger.ts';
import type { SecurityRequirement } from '../openapi/operation.ts';
import type { HeldToken } from '../token/held-token.ts';
import type { TokenManager } from '../token/token-manager.ts';
import type { Directory } from './directory.ts';
import type { OpenIntegration } from './open-integration.ts';
import { warnOfNarrowerScope } from './granted-scopes.ts';
import { chooseSecurity, type SecurityChoice } from './security-choice.ts';

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** The tokens among them, by scheme. */
  readonly tokens: readonly { readonly scheme: string; readonly token: HeldToken }[];
}

/** The API refused these tokens, with that status. */
export interface RejectedTokens {
  readonly tokens: Credentials['tokens'];
  readonly status: number;
}

export interface CredentialsPorts {
  readonly manager: TokenManager;
  readonly directory: Directory;
  readonly logger: Logger;
}

export interface CredentialsOptions {
  /** What the API refused for this very call: other tokens are wanted. */
  readonly rejected?: RejectedTokens;
  readonly signal?: AbortSignal;
}

export const NO_CREDENTIALS: Credentials = Object.freeze({ headers: {}, query: {}, cookies: {}, tokens: [] });

/** The schemes that an operation of this integration uses. @throws EverbearerError `configuration_missing` */
export function schemesFor(integration: OpenIntegration, security: readonly SecurityRequirement[]): readonly string[] {
  const choice = chooseSecurity(security, integration.credentials);
  if (choice.kind === 'missing') throw missingCredentials(integration.record.name, choice);
  return choice.kind === 'anonymous' ? [] : choice.schemes;
}

/** Whether one of the schemes has a token, whose record then shows the integration's revision as well. */
export function usesToken(integration: OpenIntegration, schemes: readonly string[]): boolean {
  return schemes.some((scheme) => integration.credentials.get(scheme)?.kind === 'token');
}

/** @throws EverbearerError `token_unavailable`, `token_blocked`, `store_unavailable`, `not_found` */
export async function credentialsFor(
  ports: CredentialsPorts,
  integration: OpenIntegration,
  schemes: readonly string[],
  options: CredentialsOptions = {},
): Promise<Credentials> {
  const [first] = schemes;
  if (first !== undefined && schemes.length === 1) return await schemePart(ports, integration, first, options);
  const parts = await Promise.all(schemes.map((scheme) => schemePart(ports, integration, scheme, options)));
  return parts.reduce(
    (all, part) => ({
      headers: { ...all.headers, ...part.headers },
      query: { ...all.query, ...part.query },
      cookies: { ...all.cookies, ...part.cookies },
      tokens: [...all.tokens, ...part.tokens],
    }),
    NO_CREDENTIALS,
  );
}

/** What a token puts on requests does not change with the call: it is made once a token. */
const appliedTokens = new WeakMap<HeldToken, Credentials>();

async function schemePart(
  { manager, directory, logger }: CredentialsPorts,
  integration: OpenIntegration,
  scheme: string,
  { rejected, signal }: CredentialsOptions,
): Promise<Credentials> {
  const credentials = integration.credentials.get(scheme);
  if (credentials?.kind === 'static') return { ...credentials, tokens: [] };
  if (credentials?.kind !== 'token') return NO_CREDENTIALS;
  const { name } = integration.record;
  const refused = rejected?.tokens.find((each) => each.scheme === scheme)?.token;
  const configuration = integration.tokenConfiguration(scheme);
  const token = await manager.get(configuration, {
    reload: async (ahead) => (await directory.reload(name, ahead)).tokenConfiguration(scheme),
    ...(rejected === undefined || refused === undefined
      ? {}
      : { rejected: { id: refused.id, status: rejected.status } }),
    ...(signal === undefined ? {} : { signal }),
  });
  const known = appliedTokens.get(token);
  if (known !== undefined) return known;
  warnOfNarrowerScope(logger, configuration, token);
  const applied = applyToken(credentials.exchange, token.presented, credentials.inputs);
  const made: Credentials = { ...applied, tokens: [{ scheme, token }] };
  appliedTokens.set(token, made);
  return made;
}

function missingCredentials(
  integration: string,
  { missing }: SecurityChoice & { readonly kind: 'missing' },
): EverbearerError {
  const what = missing.map(({ scheme, what: input }) => `authentication.${scheme}: ${input}`).join('; ');
  return new EverbearerError(
    'configuration_missing',
    `"${integration}" lacks credentials for this operation: ${what}.`,
    {
      hint: `Give them with: everbearer integrations set ${integration} --from @<file>`,
      details: { missing },
    },
  );
}
