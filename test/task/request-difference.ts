/** Two requests, taken apart and compared piece by piece. */
import type { BuiltRequest } from '../../src/task/build-request.ts';
import type { OracleRequest } from './swagger-client-oracle.ts';

/** One piece that differs; `undefined`: it is not there. */
export interface Difference {
  readonly what: 'method' | 'path' | 'query' | 'header' | 'body' | 'part';
  /** Of a query parameter, header or part. */
  readonly name: string;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** A multipart body as a list of parts; `type` is absent where a part has no content type of its own. */
export interface Part {
  readonly name: string;
  readonly type?: string;
  readonly text: string;
}

export async function requestDifferences(ours: BuiltRequest, theirs: OracleRequest): Promise<readonly Difference[]> {
  const [ourPath = '', ourQuery = ''] = split(ours.url);
  const [theirPath = '', theirQuery = ''] = split(theirs.url);
  return [
    ...single('method', '', ours.method, theirs.method),
    ...single('path', '', canonical(ourPath), canonical(theirPath)),
    ...byName('query', groups(canonical(ourQuery)), groups(canonical(theirQuery))),
    ...byName('header', headersOf(ours.headers), headersOf(theirs.headers)),
    ...(await bodyDifferences(ours, theirs)),
  ];
}

function single(
  what: Difference['what'],
  name: string,
  ours: string | undefined,
  theirs: string | undefined,
): readonly Difference[] {
  return ours === theirs ? [] : [{ what, name, ours, theirs }];
}

function byName(
  what: Difference['what'],
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
): readonly Difference[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) =>
    single(what, name, ours.get(name), theirs.get(name)),
  );
}

function split(url: string): readonly string[] {
  const start = url.indexOf('?');
  return start === -1 ? [url] : [url.slice(0, start), url.slice(start + 1)];
}

/** The same text where only characters differ that servers read alike, encoded or not. */
function canonical(text: string): string {
  return text.replaceAll(
    /[!'()*|[\]{}":<> ]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Pairs by name, in their order: the order among names means nothing. */
function groups(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const name = pair.split('=', 1)[0] ?? '';
    found.set(name, found.has(name) ? `${found.get(name) ?? ''}&${pair}` : pair);
  }
  return found;
}

function headersOf(headers: Readonly<Record<string, string | readonly string[]>>): ReadonlyMap<string, string> {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), [value].flat().join(',')] as const,
  );
  return new Map(entries.map(([name, text]) => [name, name === 'content-type' ? withoutBoundary(text) : text]));
}

function withoutBoundary(contentType: string): string {
  return contentType.replace(/;\s*boundary=.*$/, '');
}

async function bodyDifferences(ours: BuiltRequest, theirs: OracleRequest): Promise<readonly Difference[]> {
  const type = ours.headers['content-type'] ?? '';
  if (theirs.body instanceof FormData && ours.body !== undefined) {
    return byName('part', partTexts(await readParts(ours.body, type)), partTexts(await theirParts(theirs.body)));
  }
  const ourText = ours.body === undefined ? undefined : Buffer.from(ours.body).toString();
  const theirText = bodyText(theirs.body);
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return byName('body', groups(canonical(ourText ?? '')), groups(canonical(theirText ?? '')));
  }
  return single('body', '', ourText, theirText);
}

/** swagger-client leaves objects to its `http` function, which makes JSON of them. */
function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null || typeof body === 'string') return body ?? undefined;
  return JSON.stringify(body);
}

function partTexts(parts: readonly Part[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { name, type, text } of parts) {
    const written = type === undefined ? text : `[${type}] ${text}`;
    texts.set(name, texts.has(name) ? `${texts.get(name) ?? ''} | ${written}` : written);
  }
  return texts;
}

/** Read by the platform's own parser, so that our writing is checked by somebody else's reading. */
export async function readParts(body: string | Uint8Array, contentType: string): Promise<readonly Part[]> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- meant for servers, which this is not
  const form = await new Response(Buffer.from(body), { headers: { 'content-type': contentType } }).formData();
  return await theirParts(form);
}

async function theirParts(form: FormData): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') parts.push({ name, text: value });
    else parts.push({ name, ...(value.type === '' ? {} : { type: value.type }), text: await value.text() });
  }
  return parts;
}
