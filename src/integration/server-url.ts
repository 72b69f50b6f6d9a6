/** The base URL of an integration, and how a person's server is read (OpenAPI Server Object §4.8.5). Pure. */
import { EverbearerError } from '../errors.ts';
import type { Server } from '../openapi/operation.ts';
import type { IntegrationSettings, ServerParts } from './integration-store.ts';

/** A server's URL with the defaults of its variables; `undefined` where one has none, or the result is not absolute. */
export function resolvedServerUrl(server: Server, base?: string): string | undefined {
  const declared = server.variables ?? {};
  const open: string[] = [];
  const url = server.url.replaceAll(/\{([^{}]+)\}/g, (_match, name: string) => {
    const value = Object.hasOwn(declared, name) ? declared[name]?.default : undefined;
    if (value === undefined) open.push(name);
    return value ?? '';
  });
  if (open.length > 0) return undefined;
  const absolute = URL.parse(url, base);
  if (absolute === null || !/^https?:$/.test(absolute.protocol)) return undefined;
  return url.includes('://') ? url : absolute.href;
}

/** `{url}` or Itential's parts → the base URL without a trailing slash. @throws EverbearerError `bad_request` */
export function serverUrl(server: IntegrationSettings['server']): string {
  const url = 'url' in server ? server.url : urlOfParts(server);
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new EverbearerError('bad_request', 'The server is not an absolute http or https URL.', {
      hint: 'Give it with its scheme, e.g. https://api.example.com/v1, and fill every {variable}.',
      details: { pointer: '/server' },
    });
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new EverbearerError('bad_request', 'The server URL holds a user name or password.', {
      hint: 'Put credentials under authentication; a URL is shown and logged.',
      details: { pointer: '/server' },
    });
  }
  if (/[{}]|%7[bd]/i.test(url)) {
    throw new EverbearerError('bad_request', 'The server URL still has a {variable}.', {
      hint: 'Replace every {variable} by its value.',
      details: { pointer: '/server' },
    });
  }
  return url.replace(/[?#].*$/, '').replace(/\/+$/, '');
}

function urlOfParts({ protocol, host, port, base_path }: ServerParts): string {
  const path = base_path === '' || base_path.startsWith('/') ? base_path : `/${base_path}`;
  return `${protocol}://${host}${port === undefined ? '' : `:${String(port)}`}${path}`;
}
