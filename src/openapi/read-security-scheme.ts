/** Security schemes, as OpenAPI 3.2 writes them (§4.27). Values of extensions are never taken for credentials. */
import { own, type Json } from '../kernel/json.ts';
import { objectField, present, textField, type ForeignObject } from './document-fields.ts';
import { createFinding, quoted } from './finding.ts';
import type { Finding } from './import-report.ts';
import type { UrlContext } from './oauth-url.ts';
import { readFlows, type SchemePlace } from './read-oauth-flow.ts';
import type { SecurityScheme } from './security-scheme.ts';

/** Extensions that are carried as written. */
const CARRIED = ['x-itential-parameters', 'x-itential-dynamic-retrieval', 'x-amazon-apigateway-authtype'] as const;

export interface ReadScheme {
  readonly scheme: SecurityScheme;
  readonly findings: readonly Finding[];
}

export function readSecurityScheme(value: ForeignObject, place: SchemePlace, context: UrlContext): ReadScheme {
  const base = { name: place.name, ...described(value), ...carried(value) };
  switch (textField(value, 'type')) {
    case 'oauth2':
      return readOAuth2(value, base, place, context);
    case 'apiKey':
      return readApiKey(value, base, place);
    case 'http':
      return readHttp(value, base, place);
    case 'openIdConnect':
      return {
        scheme: {
          ...base,
          type: 'openIdConnect',
          ...present('openIdConnectUrl', textField(value, 'openIdConnectUrl')?.trim()),
        },
        findings: [],
      };
    case 'mutualTLS':
      return { scheme: { ...base, type: 'mutualTLS' }, findings: [] };
    default:
      return unknownScheme(base, place, `Its type is ${quoted(String(own(value, 'type')))}.`);
  }
}

/** A scheme that is listed and cannot be used. */
export function unknownScheme(base: { readonly name: string }, place: SchemePlace, why: string): ReadScheme {
  const message = `The security scheme ${quoted(place.name)} could not be understood. ${why}`;
  return {
    scheme: { ...base, type: 'unknown' },
    findings: [createFinding('security_scheme_unusable', message, { pointer: place.pointer })],
  };
}

type SchemeBase = Pick<SecurityScheme, 'name' | 'description' | 'extensions'>;

function readOAuth2(value: ForeignObject, base: SchemeBase, place: SchemePlace, context: UrlContext): ReadScheme {
  const { flows, findings } = readFlows(objectField(value, 'flows'), place, context);
  const metadata = textField(value, 'oauth2MetadataUrl')?.trim();
  return { scheme: { ...base, type: 'oauth2', flows, ...present('metadata_url', metadata) }, findings };
}

function readApiKey(value: ForeignObject, base: SchemeBase, place: SchemePlace): ReadScheme {
  const location = own(value, 'in');
  const parameter = textField(value, 'name');
  if ((location !== 'query' && location !== 'header' && location !== 'cookie') || parameter === undefined) {
    return unknownScheme(base, place, 'An apiKey needs `name`, and `in` as one of query, header, cookie.');
  }
  return { scheme: { ...base, type: 'apiKey', in: location, parameter }, findings: [] };
}

function readHttp(value: ForeignObject, base: SchemeBase, place: SchemePlace): ReadScheme {
  const scheme = textField(value, 'scheme')?.trim().toLowerCase();
  if (scheme === undefined) return unknownScheme(base, place, 'It does not say which HTTP `scheme`, e.g. `bearer`.');
  return {
    scheme: { ...base, type: 'http', scheme, ...present('bearerFormat', textField(value, 'bearerFormat')) },
    findings: [],
  };
}

function described(value: ForeignObject): { readonly description?: string } {
  return present('description', textField(value, 'description'));
}

function carried(value: ForeignObject): { readonly extensions?: Readonly<Record<string, Json>> } {
  const kept = CARRIED.filter((key) => own(value, key) !== undefined).map(
    (key) => [key, own(value, key) as Json] as const,
  );
  return kept.length === 0 ? {} : { extensions: Object.fromEntries(kept) };
}
