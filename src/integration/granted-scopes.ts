/** Which scopes a token has, and which of those that were asked for it lacks (RFC 6749 §3.3, §5.1; F51). Pure but for the warning. */
import type { Json } from '../kernel/json.ts';
import type { Logger } from '../kernel/logger.ts';
import type { HeldToken } from '../token/held-token.ts';
import type { TokenConfiguration } from '../token/token-configuration.ts';

/** Asked of the authorization server about the grant itself: no right at an API, so that their absence says nothing (OpenID Connect Core §3.1.2.1, §11). */
const NO_RIGHTS: readonly string[] = ['openid', 'offline_access'];

/** Scopes that the token request names. */
export function requestedScopes({ inputs }: Pick<TokenConfiguration, 'inputs'>): readonly string[] {
  const scope: Json | undefined = Object.hasOwn(inputs, 'scope') ? inputs['scope'] : undefined;
  const texts = Array.isArray(scope) ? (scope as readonly Json[]) : [scope];
  return texts.flatMap((text) => (typeof text === 'string' ? split(text) : []));
}

/** `undefined`: unknown. A provider that says nothing has granted what was asked for (RFC 6749 §5.1); of a token by hand nobody knows. */
function grantedScopes(
  configuration: Pick<TokenConfiguration, 'inputs'>,
  { scope, obtainedBy }: HeldToken,
): readonly string[] | undefined {
  // Some providers separate by commas; a scope that holds one is found as well.
  if (scope !== null) return [...split(scope), ...split(scope.replaceAll(',', ' '))];
  const requested = obtainedBy === 'manual' ? [] : requestedScopes(configuration);
  return requested.length === 0 ? undefined : requested;
}

/** Those of `needed` that the token lacks; `undefined` where nobody knows. */
export function lackingScopes(
  configuration: Pick<TokenConfiguration, 'inputs'>,
  token: HeldToken,
  needed: readonly string[],
): readonly string[] | undefined {
  const granted = grantedScopes(configuration, token);
  return granted === undefined ? undefined : needed.filter((scope) => !granted.includes(scope));
}

const told = new WeakSet<HeldToken>();

/** Says once a token that the provider granted less than was asked for. */
export function warnOfNarrowerScope(logger: Logger, configuration: TokenConfiguration, token: HeldToken): void {
  if (token.scope === null || told.has(token)) return;
  told.add(token);
  const requested = requestedScopes(configuration).filter((scope) => !NO_RIGHTS.includes(scope));
  const lacking = lackingScopes(configuration, token, requested) ?? [];
  if (lacking.length === 0) return;
  const { integration, scheme } = configuration;
  logger.warn(
    { integration, scheme, version: token.version, lacking: lacking.join(' ') },
    'the provider granted fewer scopes than were asked for',
  );
}

function split(scope: string): readonly string[] {
  return scope.split(' ').filter((name) => name !== '');
}
