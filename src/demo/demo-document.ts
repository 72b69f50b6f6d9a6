/**
 * The demo's own copy of a document: every operation can be run with the one scheme whose token the simulated provider issues. The document itself is
 * never changed. Pure.
 */
import { isObject, own, type Json } from '../kernel/json.ts';
import type { ModelFacts } from '../openapi/imported-model.ts';
import type { OAuthFlowName } from '../openapi/security-scheme.ts';

export interface DemoScheme {
  readonly name: string;
  readonly flow: OAuthFlowName & ('password' | 'clientCredentials');
  /** Whether the document lacked one, and the copy got a scheme of ours. */
  readonly isAdded: boolean;
}

/** Password before client credentials: its refresh tokens rotate, which is more to see. */
export function demoScheme({ securitySchemes }: Pick<ModelFacts, 'securitySchemes'>): DemoScheme {
  for (const flow of ['password', 'clientCredentials'] as const) {
    const scheme = securitySchemes.find((one) => one.type === 'oauth2' && one.flows.some((row) => row.flow === flow));
    if (scheme !== undefined) return { name: scheme.name, flow, isAdded: false };
  }
  return { name: 'demo', flow: 'password', isAdded: true };
}

/** The copy, with the scheme where it lacked one, and required by every operation that cannot be run with it alone or with nothing. */
export function demoCopy(document: Json, scheme: DemoScheme): Json {
  if (!isObject(document)) return document;
  const root = document as Readonly<Record<string, Json>>;
  const withScheme = scheme.isAdded ? withDemoScheme(root) : root;
  return {
    ...withScheme,
    security: requirements(root['security'], scheme.name) ?? [{ [scheme.name]: [] }],
    ...demoPaths(root, scheme.name),
  };
}

function demoPaths(root: Readonly<Record<string, Json>>, scheme: string): { readonly paths?: Json } {
  const paths = own(root, 'paths');
  if (!isObject(paths)) return {};
  return {
    paths: mapValues(paths, (pathItem) => mapValues(pathItem, (operation) => withRequirement(operation, scheme))),
  };
}

function mapValues(value: unknown, map: (inner: unknown) => Json): Json {
  if (!isObject(value)) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(inner)]));
}

/** Only what says something of security itself: the rest follows the document. */
function withRequirement(operation: unknown, scheme: string): Json {
  if (!isObject(operation)) return operation as Json;
  if (!Object.hasOwn(operation, 'security')) return operation as Json;
  const changed = requirements(own(operation, 'security'), scheme);
  return { ...operation, ...(changed === undefined ? {} : { security: changed }) };
}

/** Kept as they are where one alternative is the scheme alone or anonymous; `undefined` where there were none. */
function requirements(security: unknown, scheme: string): Json | undefined {
  if (!Array.isArray(security)) return undefined;
  const alternatives = security as readonly Json[];
  if (alternatives.length === 0) return [];
  const fits = alternatives.some((one) => isObject(one) && Object.keys(one).every((name) => name === scheme));
  return fits ? alternatives : [{ [scheme]: [] }];
}

/** Of OpenAPI 2.0 and 3.x alike; its URL is never called, the integration has the simulator's. */
function withDemoScheme(root: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const tokenUrl = 'https://provider.example/token';
  if (Object.hasOwn(root, 'swagger')) {
    const definitions = own(root, 'securityDefinitions');
    const demo = { type: 'oauth2', flow: 'password', tokenUrl, scopes: {} };
    return { ...root, securityDefinitions: { ...(isObject(definitions) ? (definitions as object) : {}), demo } };
  }
  const components = own(root, 'components');
  const schemes = own(components, 'securitySchemes');
  const demo = { type: 'oauth2', flows: { password: { tokenUrl, refreshUrl: tokenUrl, scopes: {} } } };
  return {
    ...root,
    components: {
      ...(isObject(components) ? (components as object) : {}),
      securitySchemes: { ...(isObject(schemes) ? (schemes as object) : {}), demo },
    },
  };
}
