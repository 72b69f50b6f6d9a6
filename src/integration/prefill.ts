/** What the document says of a scheme, put under what the person gave: `token_url` and `refresh_url` come filled, what the person gives wins. Pure. */
import { own, type Json } from '../kernel/json.ts';
import type { ModelFacts } from '../openapi/imported-model.ts';
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import { chooseFlow, type SchemeValues } from './scheme-credentials.ts';
import { resolvedServerUrl } from './server-url.ts';

type Authentication = Readonly<Record<string, SchemeValues>>;

/** Every OAuth scheme of the model that has a flow which needs no person, with its URLs; the others as given. */
export function prefilled(facts: ModelFacts, given: Authentication): Authentication {
  const filled: Record<string, SchemeValues> = { ...given };
  for (const scheme of facts.securitySchemes) {
    const values = prefilledScheme(scheme, Object.hasOwn(given, scheme.name) ? given[scheme.name] : undefined);
    if (values !== undefined) filled[scheme.name] = values;
  }
  return filled;
}

function prefilledScheme(scheme: SecurityScheme, given: SchemeValues | undefined): SchemeValues | undefined {
  if (scheme.type !== 'oauth2' || typeof given === 'string' || own(given, 'exchange') !== undefined) return given;
  const flow = chooseFlow(scheme, given ?? {});
  if (flow === undefined) return given;
  const values: Record<string, Json> = { flow: flow.flow };
  if (flow.token_url !== undefined) values['token_url'] = flow.token_url;
  if (flow.refresh_url !== undefined) values['refresh_url'] = flow.refresh_url;
  return { ...values, ...given };
}

/** The server that is chosen where the person names none: the document's first whose variables all have defaults. */
export function defaultServer(facts: ModelFacts): string | undefined {
  for (const server of facts.servers) {
    const url = resolvedServerUrl(server);
    if (url !== undefined) return url;
  }
  return undefined;
}
