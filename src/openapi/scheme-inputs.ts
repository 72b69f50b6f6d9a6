/** Which values a person has to give for a security scheme: the names of `authentication.<scheme>`. */
import { isObject, own } from '../kernel/json.ts';
import type { ReportSecurityScheme } from './import-report.ts';
import type { OAuthFlow, SecurityScheme } from './security-scheme.ts';

const FLOW_INPUTS = {
  clientCredentials: ['client_id', 'client_secret'],
  password: ['client_id', 'client_secret', 'username', 'password'],
  authorizationCode: ['client_id', 'client_secret'],
  deviceAuthorization: ['client_id'],
  implicit: ['token'],
} as const satisfies Record<OAuthFlow['flow'], readonly string[]>;

/** One row a scheme, or one row a flow. */
export function reportScheme(scheme: SecurityScheme): readonly ReportSecurityScheme[] {
  const { name, type } = scheme;
  if (scheme.type !== 'oauth2' || scheme.flows.length === 0) return [{ name, type, inputs: schemeInputs(scheme) }];
  return scheme.flows.map((flow) => ({
    name,
    type,
    flow: flow.flow,
    ...(flow.token_url === undefined ? {} : { token_url: flow.token_url }),
    token_url_source: flow.token_url_source,
    ...(flow.refresh_url === undefined ? {} : { refresh_url: flow.refresh_url }),
    refresh_url_source: flow.refresh_url_source,
    scopes: flow.scopes,
    inputs: [...flowInputs(flow), ...extraParameters(scheme)],
  }));
}

function flowInputs(flow: OAuthFlow): readonly string[] {
  const open = (source: OAuthFlow['token_url_source']): boolean => source === 'missing' || source === 'incomplete';
  return [
    ...FLOW_INPUTS[flow.flow],
    ...(flow.flow !== 'implicit' && open(flow.token_url_source) ? ['token_url'] : []),
    ...(flow.refresh_url_source === 'incomplete' ? ['refresh_url'] : []),
  ];
}

function schemeInputs(scheme: SecurityScheme): readonly string[] {
  switch (scheme.type) {
    case 'oauth2':
      return ['client_id', 'client_secret', 'token_url'];
    case 'openIdConnect':
      return [
        'client_id',
        'client_secret',
        ...(scheme.openIdConnectUrl === undefined ? ['token_url'] : []),
        ...extraParameters(scheme),
      ];
    case 'apiKey':
      return apiKeyInputs(scheme);
    case 'http':
      return scheme.scheme === 'bearer' ? ['token'] : ['username', 'password'];
    case 'mutualTLS':
      return ['certificate', 'key'];
    case 'unknown':
      return [];
  }
}

/** A key that Itential's extension says how to retrieve needs nobody to give it; AWS Signature 4 needs the pair it signs with. */
function apiKeyInputs(scheme: SecurityScheme): readonly string[] {
  if (own(scheme.extensions, 'x-amazon-apigateway-authtype') === 'awsSigv4') return ['accessKeyId', 'secretAccessKey'];
  return isObject(own(scheme.extensions, 'x-itential-dynamic-retrieval')) ? [] : ['value'];
}

/** `x-itential-parameters` that are given in `authentication.<scheme>.parameters`; the others come from a variable of the integration. */
function extraParameters(scheme: SecurityScheme): readonly string[] {
  const parameters = own(scheme.extensions, 'x-itential-parameters');
  if (!Array.isArray(parameters)) return [];
  return parameters.flatMap((parameter: unknown) => {
    const name = own(parameter, 'name');
    return typeof name === 'string' && own(parameter, 'x-itential-variable') === undefined
      ? [`parameters.${name}`]
      : [];
  });
}
