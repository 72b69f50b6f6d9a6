/** OpenAPI 2.0 security definitions → 3.x security schemes (2.0 "Security Scheme Object"). */
import { own } from '../kernel/json.ts';
import { textField, type ForeignObject } from './document-fields.ts';

const FLOW_NAMES: ReadonlyMap<string, string> = new Map([
  ['application', 'clientCredentials'],
  ['accessCode', 'authorizationCode'],
]);

/** Fields that stay what they are: names, places, texts and extensions. */
export function upgradeSecurityScheme(scheme: ForeignObject): ForeignObject {
  switch (own(scheme, 'type')) {
    case 'basic':
      return { ...scheme, type: 'http', scheme: 'basic' };
    case 'oauth2':
      return { ...scheme, flows: upgradeFlow(scheme) };
    default:
      return scheme;
  }
}

/** 2.0 has one flow a scheme, its fields beside `type`. */
function upgradeFlow(scheme: ForeignObject): ForeignObject {
  const written = textField(scheme, 'flow');
  if (written === undefined) return {};
  const { type: _type, flow: _flow, description: _description, ...flow } = scheme;
  return { [FLOW_NAMES.get(written) ?? written]: flow };
}
