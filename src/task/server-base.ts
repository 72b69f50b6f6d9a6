/** The base URL that a request is built on and must stay under. */
import { EverbearerError } from '../errors.ts';
import { isPlainTarget } from '../kernel/plain-url.ts';

export interface ServerBase {
  /** Normalised (WHATWG URL), without a slash at the end, query or fragment. */
  readonly url: string;
}

/** @throws EverbearerError `configuration_missing` for what is no complete http or https URL, or holds credentials */
export function parseServerBase(url: string): ServerBase {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || /[{}]|%7[bd]/i.test(parsed.origin + parsed.pathname)) {
    throw new EverbearerError('configuration_missing', 'The server of the integration is not a complete URL.', {
      hint: 'Set server to an absolute http or https URL with every {variable} filled in.',
    });
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new EverbearerError('configuration_missing', 'The server URL holds a user name or password.', {
      hint: 'Put credentials under authentication; a URL is shown and logged.',
    });
  }
  return { url: parsed.origin + parsed.pathname.replace(/\/+$/, '') };
}

/** Whether the URL, once normalised as every HTTP client does, still is under the base's origin and path. */
export function isUnder(base: ServerBase, url: string): boolean {
  return (beginsWith(base, url) && isPlainTarget(url.slice(base.url.length))) || isUnderOnceParsed(base, url);
}

function isUnderOnceParsed(base: ServerBase, url: string): boolean {
  const href = URL.parse(url)?.href;
  return href !== undefined && beginsWith(base, href);
}

/** `https://host/api` is no beginning of `https://host/apis`. */
function beginsWith(base: ServerBase, url: string): boolean {
  if (!url.startsWith(base.url)) return false;
  const next = url.charCodeAt(base.url.length);
  return next === SLASH || next === QUESTION_MARK || Number.isNaN(next);
}

const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
