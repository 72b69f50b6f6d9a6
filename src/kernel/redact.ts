/**
 * Taking secrets out of text that others wrote, before a person sees it. What is known is named (`[client_secret]`), what only looks like a token goes
 * as well (`[redacted]`): a sample that lost a harmless word costs nothing, one that kept a token does.
 */

/** A value that must not be shown, under the name that stands in its place. */
export interface KnownValue {
  readonly name: string;
  readonly value: string;
  /** A secret goes however short it is; anything else from four characters on, or every `1` and `a` would go too. Default false. */
  readonly secret?: boolean;
}

const SHORTEST_NAMED = 4;
const SAMPLE_CHARS = 200;
/** Enough to fill a sample, little enough that a hostile body costs nothing. */
const LOOKED_AT_CHARS = 16_384;

const JWT = /(?<![\w-])eyJ[\w-]+(?:\.[\w-]*){1,4}/g;
const RUN = /[\w+/=~!%-]{20,}/g;
const NAMED_MEMBER =
  /((?:token|secret|passw(?:or)?d|pwd|api[_-]?key|authorization|cookie|credential|assertion|ticket|session|signature)[\w-]{0,30}["']?\s{0,5}[:=>]\s{0,5}["']?)[^"'&<>\s,;}]+/gi;

/** What a provider wrote, for a person: without the known values (also where they stand encoded), JWTs and token-like strings; at most 200 characters. */
export function redactText(text: string, known: readonly KnownValue[]): string {
  return folded(withoutTokens(withoutKnown(lookedAt(text, known), known)));
}

/** The beginning of an answer's body for a person: redacted as text is, and members with telling names emptied. */
export function redactSample(body: string, known: readonly KnownValue[]): string {
  const unnamed = withoutKnown(lookedAt(body, known), known);
  return folded(withoutTokens(unnamed.replace(NAMED_MEMBER, '$1[redacted]')));
}

function folded(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SAMPLE_CHARS);
}

function withoutTokens(text: string): string {
  return text.replace(JWT, '[jwt]').replace(RUN, (run) => (isTokenLike(run) ? '[redacted]' : run));
}

/** The cut may go through a known value: what could be its first half is left out too. */
function lookedAt(body: string, known: readonly KnownValue[]): string {
  if (body.length <= LOOKED_AT_CHARS) return body;
  const longest = Math.max(0, ...known.map(({ value }) => value.length));
  return body.slice(0, Math.max(0, LOOKED_AT_CHARS - 6 * longest));
}

/** One pass over all of them, the longest first: what was put in their place is not looked at again. */
function withoutKnown(text: string, known: readonly KnownValue[]): string {
  const names = new Map<string, string>();
  for (const { name, value, secret } of known) {
    if (value.length < (secret === true ? 1 : SHORTEST_NAMED)) continue;
    for (const form of writtenForms(value)) names.set(form.toLowerCase(), name);
  }
  if (names.size === 0) return text;
  const forms = [...names.keys()]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return text.replace(
    new RegExp(forms.join('|'), 'gi'),
    (found) => `[${names.get(found.toLowerCase()) ?? 'redacted'}]`,
  );
}

/** How a value may stand in an answer: as it is, and as a URL, form, JSON, XML or base64 writes it. */
function writtenForms(value: string): readonly string[] {
  const text = value.toWellFormed();
  const json = JSON.stringify(text).slice(1, -1);
  const asciiJson = json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const bytes = Buffer.from(text, 'utf8');
  return [
    value,
    encodeURIComponent(text),
    new URLSearchParams([['', text]]).toString().slice(1),
    json,
    asciiJson,
    asciiJson.replaceAll('/', '\\/'),
    escapeXml(text),
    escapeXml(text).replaceAll('&apos;', '&#39;'),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
}

/** `&`, `<`, `>` and quotes as XML entities. */
export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

function isTokenLike(run: string): boolean {
  return /[\d+=]/.test(run) || (/[a-z]/.test(run) && /[A-Z]/.test(run));
}
