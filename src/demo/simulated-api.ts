/** A document's operations, answered to whoever brings a valid token. */
import type { Json } from '../kernel/json.ts';
import type { Operation, SchemaDialect } from '../openapi/operation.ts';
import { jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { compilePathTemplate, matchesTemplate, splitPath } from './path-template.ts';
import type { PathTemplate } from './path-template.ts';
import { sampleAnswer } from './sample-answer.ts';

export interface SimulatedApiOptions {
  readonly operations: readonly Operation[];
  /** Targets of the operations' references, by pointer. */
  readonly fragments: ReadonlyMap<string, Json>;
  readonly dialect: SchemaDialect;
  /** Path of the server that the operations' paths follow, e.g. `/v1`. Default none. Operations with servers of their own are found below those too. */
  readonly basePath?: string;
  /** Security schemes whose token this provider issues. Default: all that the operations name. */
  readonly tokenSchemes?: readonly string[];
}

export interface ApiRequest {
  readonly method: string;
  /** Percent-encoded, without query. */
  readonly path: string;
  /** Everything that could be a token: values of headers, cookies and query. */
  readonly credentials: readonly string[];
}

export interface ApiAnswer {
  readonly outcome: 'ok' | 'unauthorized' | 'notFound';
  readonly answer: Answer;
}

export interface SimulatedApi {
  answer(request: ApiRequest, isActive: (token: string) => boolean): ApiAnswer;
}

interface Route {
  readonly method: string;
  readonly templates: readonly PathTemplate[];
  readonly needsToken: boolean;
  /** Made on first use: most operations of a large document are never called. */
  readonly answer: () => Answer;
}

export function createSimulatedApi(options: SimulatedApiOptions): SimulatedApi {
  const routes = options.operations.map((operation) => createRoute(operation, options));
  return {
    answer: ({ method, path, credentials }, isActive) => {
      const route = findRoute(routes, method, splitPath(path));
      if (route === undefined) return { outcome: 'notFound', answer: NOT_FOUND };
      if (!route.needsToken || credentials.some(isActive)) return { outcome: 'ok', answer: route.answer() };
      return { outcome: 'unauthorized', answer: credentials.length === 0 ? NO_TOKEN : INVALID_TOKEN };
    },
  };
}

const NOT_FOUND = jsonAnswer(404, { error: 'not_found', message: 'The document has no such operation.' });

/** RFC 6750 §3: without a token no error code. */
const NO_TOKEN = jsonAnswer(401, { error: 'unauthorized' }, { 'www-authenticate': 'Bearer realm="demo"' });
const INVALID_TOKEN = jsonAnswer(
  401,
  { error: 'invalid_token', error_description: 'The access token is expired, revoked, or none of ours.' },
  { 'www-authenticate': 'Bearer realm="demo", error="invalid_token"' },
);

function createRoute(
  operation: Operation,
  { fragments, dialect, basePath = '', tokenSchemes }: SimulatedApiOptions,
): Route {
  let answer: Answer | undefined;
  const bases = new Set([basePath, ...(operation.servers ?? []).map(({ url }) => pathOf(url))]);
  return {
    method: operation.method,
    templates: [...bases].map((base) => compilePathTemplate(`${base.replace(/\/$/, '')}${operation.path}`)),
    needsToken: needsToken(operation, tokenSchemes),
    answer: () => (answer ??= sampleAnswer(operation, fragments, dialect)),
  };
}

/** The closest: with the fewest variables. HEAD is answered as the GET that it asks about. */
function findRoute(routes: readonly Route[], method: string, segments: readonly string[]): Route | undefined {
  let found: { readonly route: Route; readonly literals: number } | undefined;
  for (const route of routes) {
    if (route.method !== method) continue;
    for (const template of route.templates)
      if (template.literals > (found?.literals ?? -1) && matchesTemplate(segments, template))
        found = { route, literals: template.literals };
  }
  return found?.route ?? (method === 'HEAD' ? findRoute(routes, 'GET', segments) : undefined);
}

/** Not where the document lets anyone in, nor where it asks only for credentials that are none of ours. */
function needsToken({ security }: Operation, tokenSchemes: readonly string[] | undefined): boolean {
  if (security.some((requirement) => Object.keys(requirement).length === 0)) return false;
  return security.some((requirement) =>
    Object.keys(requirement).some((scheme) => tokenSchemes === undefined || tokenSchemes.includes(scheme)),
  );
}

/** Of a server URL, whose variables may stand unfilled; relative ones are paths already. */
function pathOf(url: string): string {
  return (
    /^[a-z][a-z0-9+.-]*:\/\/[^/]*(?<path>\/[^?#]*)?/i.exec(url)?.groups?.['path'] ?? (url.startsWith('/') ? url : '')
  );
}
