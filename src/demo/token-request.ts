/** A token request off the wire (RFC 6749 §2.3, §3.2, §4.3, §4.4, §6). */

export interface TokenRequest {
  /** Each parameter once, those that may be repeated joined by a blank; an empty one counts as absent. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Client credentials as the header or the body gave them; two readings where Basic can be read two ways. */
  readonly client?: PresentedClient;
}

export interface PresentedClient {
  readonly method: 'basic' | 'post';
  readonly readings: readonly { readonly client_id: string; readonly client_secret: string }[];
}

export interface MalformedRequest {
  readonly malformed: string;
}

export interface RequestParts {
  readonly contentType: string;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
  readonly body: string;
}

/** RFC 8707 §2. */
const REPEATABLE: readonly string[] = ['resource', 'audience'];

/** @param basic which reading of Basic credentials is offered; see `ProviderBehaviour.basic` */
export function parseTokenRequest(
  { contentType, authorization, body }: Omit<RequestParts, 'userAgent'>,
  basic: 'encoded' | 'raw' | 'either',
): TokenRequest | MalformedRequest {
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType))
    return { malformed: 'The body must be form-encoded.' };
  const pairs = [...new URLSearchParams(body)].filter(([, value]) => value !== '');
  const parameters = Object.create(null) as Record<string, string>;
  for (const [name, value] of pairs) {
    const earlier = parameters[name];
    if (earlier !== undefined && !REPEATABLE.includes(name)) return { malformed: 'A parameter is repeated.' };
    parameters[name] = earlier === undefined ? value : `${earlier} ${value}`;
  }
  return withClient(parameters, authorization === undefined ? undefined : parseBasic(authorization, basic));
}

function withClient(
  parameters: TokenRequest['parameters'],
  basic: PresentedClient | MalformedRequest | undefined,
): TokenRequest | MalformedRequest {
  const { client_id, client_secret } = parameters;
  if (basic !== undefined && 'malformed' in basic) return basic;
  if (basic !== undefined && client_secret !== undefined)
    return { malformed: 'The client authenticates in more than one way.' };
  if (basic !== undefined) return { parameters, client: basic };
  if (client_id === undefined) return { parameters };
  const reading = { client_id, client_secret: client_secret ?? '' };
  return { parameters, client: { method: 'post', readings: [reading] } };
}

function parseBasic(authorization: string, basic: 'encoded' | 'raw' | 'either'): PresentedClient | MalformedRequest {
  const encoded = /^basic +(?<credentials>[A-Za-z0-9+/=]+)$/i.exec(authorization)?.groups?.['credentials'];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return { malformed: 'The Authorization header is not Basic.' };
  const raw = { client_id: text.slice(0, colon), client_secret: text.slice(colon + 1) };
  const decoded = { client_id: formDecode(raw.client_id), client_secret: formDecode(raw.client_secret) };
  const readings = { encoded: [decoded], raw: [raw], either: [decoded, raw] };
  return { method: 'basic', readings: readings[basic] };
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
