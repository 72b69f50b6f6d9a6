/** OAuth flows of a security scheme, as OpenAPI 3.2 writes them (§4.28). */
import { isObject, own } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { objectField, present, standardEntries, type ForeignObject } from './document-fields.ts';
import { FINDING_CODES, findingRow } from './finding-codes.ts';
import { createFinding, quoted } from './finding.ts';
import type { Finding } from './import-report.ts';
import { readOAuthUrl, type OAuthUrl, type UrlContext } from './oauth-url.ts';
import type { OAuthFlow, OAuthFlowName } from './security-scheme.ts';

export interface SchemePlace {
  readonly name: string;
  readonly pointer: string;
  /** OpenAPI 2.0, where the fields of the one flow stand beside `type`. */
  readonly flat: boolean;
}

export interface ReadFlows {
  readonly flows: readonly OAuthFlow[];
  readonly findings: readonly Finding[];
}

type UrlField = 'tokenUrl' | 'refreshUrl' | 'authorizationUrl' | 'deviceAuthorizationUrl';

/** Which URLs belong to a flow: only those are worth a finding. */
const FLOW_URLS: Readonly<Record<OAuthFlowName, readonly UrlField[]>> = {
  password: ['tokenUrl', 'refreshUrl'],
  clientCredentials: ['tokenUrl', 'refreshUrl'],
  authorizationCode: ['authorizationUrl', 'tokenUrl', 'refreshUrl'],
  implicit: ['authorizationUrl'],
  deviceAuthorization: ['deviceAuthorizationUrl', 'tokenUrl', 'refreshUrl'],
};

const CLIENT_AUTHS = ['client_secret_basic', 'client_secret_post', 'none'] as const;

/** `deviceAuthorization` before 3.2, as registered at spec.openapis.org/registry/extension. */
const DEVICE_EXTENSION = 'x-oai-deviceAuthorization';

export function readFlows(flows: ForeignObject, place: SchemePlace, context: UrlContext): ReadFlows {
  const results = Object.entries(flows).map(([name, value]) => {
    const flow = name === DEVICE_EXTENSION ? 'deviceAuthorization' : name;
    if (isFlowName(flow)) return readFlow(flow, isObject(value) ? value : {}, place, context);
    return { flows: [], findings: name.startsWith('x-') ? [] : [unknownFlow(name, place)] };
  });
  return { flows: results.flatMap(({ flows: read }) => read), findings: results.flatMap(({ findings }) => findings) };
}

function isFlowName(name: string): name is OAuthFlowName {
  return Object.hasOwn(FLOW_URLS, name);
}

function unknownFlow(name: string, place: SchemePlace): Finding {
  const message = `The OAuth flow ${quoted(name)} of ${quoted(place.name)} is not one of OpenAPI's and was ignored.`;
  return createFinding('flow_unknown', message, { pointer: fieldPointer(place, name) });
}

function readFlow(name: OAuthFlowName, value: ForeignObject, place: SchemePlace, context: UrlContext): ReadFlows {
  const url = (field: UrlField): OAuthUrl => readOAuthUrl(own(value, field), context);
  const token = url('tokenUrl');
  const refresh = url('refreshUrl');
  const flow: OAuthFlow = {
    flow: name,
    ...present('token_url', token.url),
    token_url_source: token.source,
    ...present('refresh_url', refresh.url),
    refresh_url_source: refresh.source,
    ...present('authorization_url', url('authorizationUrl').url),
    ...present('device_authorization_url', url('deviceAuthorizationUrl').url),
    scopes: standardEntries(objectField(value, 'scopes')).map(([scope]) => scope),
    ...present(
      'client_auth',
      CLIENT_AUTHS.find((method) => method === own(value, 'x-tokenEndpointAuthMethod')),
    ),
  };
  const findings = FLOW_URLS[name].flatMap((field) =>
    urlFindings({ field, flow: name, written: own(value, field), read: url(field) }, place),
  );
  return { flows: [flow], findings };
}

interface WrittenUrl {
  readonly field: UrlField;
  readonly flow: OAuthFlowName;
  readonly written: unknown;
  readonly read: OAuthUrl;
}

function urlFindings({ field, flow, written, read }: WrittenUrl, place: SchemePlace): readonly Finding[] {
  const pointer = fieldPointer(place, flow, field);
  const what = `The ${field} of ${quoted(place.name)} (${flow})`;
  if (field === 'tokenUrl' && read.source === 'missing' && read.remarks.length === 0) {
    const message = `${what} is missing. ${FINDING_CODES.token_url_missing.meaning}`;
    return [createFinding('token_url_missing', message, { pointer })];
  }
  const now = read.url === undefined || read.url === written ? '' : `, read as ${quoted(read.url)}`;
  return read.remarks.map((code) =>
    createFinding(code, `${what} is ${quoted(String(written))}${now}. ${findingRow(code).meaning}`, { pointer }),
  );
}

function fieldPointer(place: SchemePlace, flow: string, ...field: readonly string[]): string {
  return `${place.pointer}${formatPointer(place.flat ? field : ['flows', flow, ...field])}`;
}
