/** What a person can do about an answer that refuses the token, or a right that it lacks. One or two sentences, or nothing. Pure. */
import { lackingScopes, requestedScopes } from '../integration/granted-scopes.ts';
import type { SecurityRequirement } from '../openapi/operation.ts';
import type { HeldToken } from '../token/held-token.ts';
import type { TokenConfiguration } from '../token/token-configuration.ts';
import { bearerErrors, challengeScopes } from './challenge.ts';
import type { Delivery, PreparedRequest } from './send-request.ts';

/** @param security the operation's effective requirements */
export function adviceOn(
  delivery: Delivery,
  prepared: PreparedRequest,
  security: readonly SecurityRequirement[],
): string | undefined {
  switch (delivery.because) {
    case 'refused_again':
      return 'The API refused a second token too: check the scopes, the audience, and what the account may do there.';
    case 'not_resent':
      return 'There is a new token now, for the next run; this request was not sent twice (resendWrites).';
    case 'no_other_token':
      return `The API refused the token, and no other one can be had. ${obstacleText(delivery)}`.trimEnd();
    case 'not_refused':
      return lacksRight(delivery) ? scopeAdvice(delivery, prepared, security) : undefined;
  }
}

function obstacleText({ obstacle }: Delivery): string {
  return obstacle === undefined ? '' : [obstacle.message, obstacle.hint ?? ''].join(' ');
}

function lacksRight({ response }: Delivery): boolean {
  return response.status === 403 || bearerErrors(response.headers).includes('insufficient_scope');
}

/** By what the API says that it needs (RFC 6750 §3), else by the operation's own scopes. */
function scopeAdvice(
  { response, tokens }: Delivery,
  { integration, schemes }: PreparedRequest,
  security: readonly SecurityRequirement[],
): string | undefined {
  const told = challengeScopes(response.headers);
  const alternatives = security.filter((requirement) => isOver(requirement, schemes));
  const sentences = tokens.flatMap(({ scheme, token }) => {
    const needs = told.length > 0 ? [told] : alternatives.map((requirement) => requirement[scheme] ?? []);
    return schemeAdvice(integration.tokenConfiguration(scheme), scheme, token, needs) ?? [];
  });
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

/** @param needs alternatives; advice is given on the one that the token comes closest to */
function schemeAdvice(
  configuration: Pick<TokenConfiguration, 'inputs'>,
  scheme: string,
  token: HeldToken,
  needs: readonly (readonly string[])[],
): string | undefined {
  const gaps = needs.map((needed) => ({ needed, lacking: lackingScopes(configuration, token, needed) }));
  const [closest] = gaps.toSorted((a, b) => (a.lacking ?? a.needed).length - (b.lacking ?? b.needed).length);
  if (closest === undefined) return undefined;
  const { needed, lacking } = closest;
  if ((lacking ?? needed).length === 0) return undefined;
  const place = `authentication.${scheme}.scope`;
  if (lacking === undefined)
    return `The operation needs ${scopes(needed)}; what the token of ${scheme} has is not known: name it in ${place}.`;
  const wasAskedFor = lacking.every((scope) => requestedScopes(configuration).includes(scope));
  return wasAskedFor
    ? `The token of ${scheme} lacks ${scopes(lacking)}: it was asked for, and the provider did not grant it.`
    : `The token of ${scheme} lacks ${scopes(lacking)}: add it to ${place}.`;
}

function isOver(requirement: SecurityRequirement, schemes: readonly string[]): boolean {
  const names = Object.keys(requirement);
  return names.length === schemes.length && names.every((name) => schemes.includes(name));
}

function scopes(names: readonly string[]): string {
  return `the scope${names.length === 1 ? '' : 's'} ${names.join(' ')}`;
}
