/**
 * What a URL of an OAuth flow means: trimmed, cut, its declared variables filled, resolved against the chosen (first) server. Pure, and
 * nothing is ever called. The rules are in docs/import.md, "Token URLs".
 */
import type { FindingCode } from './finding-codes.ts';
import type { UrlSource } from './import-report.ts';
import type { Server } from './operation.ts';
import { fillVariables, hasHost, templateNames, variableDefaults } from './read-server.ts';
import { resolveUriReference, splitUri, trimSlashes } from './uri-reference.ts';

export interface UrlContext {
  /** The chosen server's URL, its variables filled as far as they have defaults; absent where the document names none. */
  readonly server?: string;
  /** Defaults of the variables that the document's servers declare. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Whether a path template is a path of the document. */
  readonly hasPath: (path: string) => boolean;
}

export function urlContext(servers: readonly Server[], hasPath: UrlContext['hasPath']): UrlContext {
  const [server] = servers;
  return {
    ...(server === undefined ? {} : { server: fillVariables(server.url, variableDefaults([server])) }),
    defaults: variableDefaults(servers),
    hasPath,
  };
}

export type UrlRemark = Extract<FindingCode, `token_url_${string}` | `url_${string}`>;

export interface OAuthUrl {
  /** Absent where the source is `missing`. */
  readonly url?: string;
  readonly source: UrlSource;
  /** What a person should know, most important first. Nothing is said of a URL that is not there. */
  readonly remarks: readonly UrlRemark[];
}

const MISSING: OAuthUrl = { source: 'missing', remarks: [] };

/** @param written the field as it stands in the document */
export function readOAuthUrl(written: unknown, context: UrlContext): OAuthUrl {
  if (typeof written !== 'string' || written.trim() === '') return MISSING;
  const [cut = ''] = written.trim().split(/\s/, 1);
  const url = locate(fillVariables(cut, context.defaults), context);
  if (url === undefined) return { source: 'missing', remarks: ['token_url_unusable'] };
  const source = sourceOf(written, url);
  const remarks: UrlRemark[] = [];
  if (source === 'incomplete') remarks.push('token_url_incomplete');
  if (cut !== written.trim()) remarks.push('token_url_cut');
  else if (source === 'derived') remarks.push('token_url_derived');
  return { url, source, remarks: [...remarks, ...hazards(url)] };
}

function sourceOf(written: string, url: string): UrlSource {
  if (templateNames(url).length > 0) return 'incomplete';
  return url === written ? 'document' : 'derived';
}

/** Absolute, or with the `{variable}` that stands for what makes it so; `undefined` for another scheme than http(s). */
function locate(url: string, context: UrlContext): string | undefined {
  const { scheme, authority, path, rest } = splitUri(url);
  if (scheme !== '') return /^https?:$/i.test(scheme) && authority !== '' ? url : undefined;
  if (url.startsWith('{')) return url;
  const base = context.server;
  if (base === undefined || !hasHost(base)) return authority === '' ? `{server}${rooted(url)}` : `https:${url}`;
  if (authority === '' && context.hasPath(rooted(path))) return `${trimSlashes(base)}${rooted(path)}${rest}`;
  return resolveAgainst(base, url);
}

/** A base that begins with a variable has no scheme to tell host from path: the variable stands for both. */
function resolveAgainst(base: string, url: string): string {
  const [, variable, path = ''] = /^(\{[^{}]*\})(.*)$/s.exec(base) ?? [];
  if (variable === undefined) return resolveUriReference(url, base);
  const resolved = resolveUriReference(url, `https://server${path}`);
  return resolved.startsWith('https://server/') ? `${variable}${resolved.slice('https://server'.length)}` : resolved;
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** RFC 2606 and RFC 6761. */
const RESERVED_HOST = /(?:^|\.)(?:example|test|invalid|localhost|example\.(?:com|org|net))$/i;
/** What people write where a host should be, e.g. `your-tenant.auth.vendor.com`. */
const STAND_IN_HOST = /(?:^|[.-])(?:your|placeholder|changeme)[-_.]/i;
const LOOPBACK_HOST = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)$/i;

function hazards(url: string): readonly UrlRemark[] {
  const host = hostOf(url);
  const loopback = LOOPBACK_HOST.test(host);
  return [
    ...(loopback || RESERVED_HOST.test(host) || STAND_IN_HOST.test(host) ? (['url_placeholder'] as const) : []),
    ...(/^http:/i.test(url) && !loopback ? (['url_insecure'] as const) : []),
  ];
}

/** Without user and port; empty where there is none yet. */
function hostOf(url: string): string {
  const host = splitUri(url).authority.slice(2).replace(/^.*@/, '');
  return /^\[[^\]]*\]/.exec(host)?.[0] ?? host.replace(/:\d*$/, '');
}
