/** What an integration still needs before its operations can run: for a prompt, and for a hint. Pure. */
import type { MissingInput } from './integrations-face.ts';
import type { ModelFacts } from '../openapi/imported-model.ts';
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import { own } from '../kernel/json.ts';
import { chooseFlow, schemeCredentials, type SchemeValues } from './scheme-credentials.ts';
import { publicFields } from './public-fields.ts';

export function missingInputs(
  facts: ModelFacts,
  authentication: Readonly<Record<string, SchemeValues>>,
  server: string | undefined,
): readonly MissingInput[] {
  const schemes = wantedSchemes(facts, authentication).flatMap((scheme) =>
    missingOfScheme(scheme, authentication[scheme.name] ?? {}),
  );
  return server === undefined ? [{ scheme: '', input: 'server', secret: false }, ...schemes] : schemes;
}

/** The schemes that the person named; without any, those of the first alternative that the document asks for, else its first scheme. */
function wantedSchemes(
  facts: ModelFacts,
  authentication: Readonly<Record<string, SchemeValues>>,
): readonly SecurityScheme[] {
  const named = facts.securitySchemes.filter(({ name }) => Object.keys(own(authentication, name) ?? {}).length > 0);
  const isPrefilledOnly = named.every(({ name }) =>
    Object.keys(authentication[name] ?? {}).every((key) => /^(flow|token_url|refresh_url)$/.test(key)),
  );
  if (named.length > 0 && !isPrefilledOnly) return named;
  const first = facts.security.find((requirement) => Object.keys(requirement).length > 0);
  if (first !== undefined) return facts.securitySchemes.filter(({ name }) => Object.hasOwn(first, name));
  return facts.securitySchemes.slice(0, 1);
}

function missingOfScheme(scheme: SecurityScheme, values: SchemeValues): readonly MissingInput[] {
  const credentials = schemeCredentials(scheme, values);
  if (credentials.kind !== 'token' && credentials.kind !== 'missing') return [];
  // A token is given by hand, not asked for here.
  const names = new Set(credentials.missing.filter((name) => scheme.type === 'http' || name !== 'token'));
  if (
    scheme.type === 'oauth2' &&
    chooseFlow(scheme, values) !== undefined &&
    own(values, 'client_secret') === undefined &&
    own(values, 'client_auth') !== 'none'
  ) {
    if (!names.has('username')) names.add('client_secret');
  }
  const shown = publicFields(values);
  return [...names].map((input) => ({ scheme: scheme.name, input, secret: !shown.has(input) }));
}
