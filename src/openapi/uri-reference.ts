/**
 * Resolution of URI references (RFC 3986 §5.2), on text: `new URL()` would percent-encode the `{variables}` that a person still has to fill.
 */

interface UriParts {
  /** With its colon. */
  readonly scheme: string;
  /** With its two slashes. */
  readonly authority: string;
  readonly path: string;
  /** Query and fragment, with `?` and `#`. */
  readonly rest: string;
}

/** RFC 3986 Appendix B. Every text matches. */
const URI = /^([A-Za-z][A-Za-z\d+.-]*:)?(\/\/[^/?#]*)?([^?#]*)(.*)$/s;

export function splitUri(uri: string): UriParts {
  const [, scheme = '', authority = '', path = '', rest = ''] = URI.exec(uri) ?? [];
  return { scheme, authority, path, rest };
}

/** @param base absolute, with an authority */
export function resolveUriReference(reference: string, base: string): string {
  const given = splitUri(reference);
  const context = splitUri(base);
  if (given.scheme !== '') return reference;
  if (given.authority !== '') return `${context.scheme}${reference}`;
  const origin = `${context.scheme}${context.authority}`;
  if (given.path === '') return `${origin}${context.path}${given.rest === '' ? context.rest : given.rest}`;
  const merged = given.path.startsWith('/') ? given.path : `${directoryOf(context.path)}${given.path}`;
  return `${origin}${withoutDotSegments(merged)}${given.rest}`;
}

/** RFC 3986 §5.2.3, for a base with an authority. */
function directoryOf(path: string): string {
  return path === '' ? '/' : path.slice(0, path.lastIndexOf('/') + 1);
}

/** RFC 3986 §5.2.4. */
function withoutDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (last) kept.push('');
  });
  return `/${kept.join('/')}`;
}

/** Without slashes at its end; in one pass, however many there are. */
export function trimSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
