/** The `Accept` header of an operation (RFC 9110 §12.5.1). */
import type { ResponseDescription } from '../openapi/operation.ts';
import { essenceOf, isJsonType } from './media-type.ts';

const MAX_TYPES = 8;
const NOTHING_SAID = 'application/json, */*;q=0.8';

/** The media types of the success responses, else of `default`, JSON first. Where the document says none, JSON is preferred. */
export function acceptHeader(responses: Readonly<Record<string, ResponseDescription>>): string {
  const successes = Object.keys(responses).filter((status) => /^2/.test(status));
  const types = typesOf(successes.map((status) => responses[status]));
  const said = types.length > 0 ? types : typesOf([responses['default']]);
  if (said.length === 0) return NOTHING_SAID;
  return [...said]
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_TYPES)
    .join(', ');
}

function typesOf(responses: readonly (ResponseDescription | undefined)[]): readonly string[] {
  const types = responses.flatMap((response) => Object.keys(response?.content ?? {}));
  return [...new Set(types.filter((type) => /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(?:\s*;[ -~]*)?$/.test(type)))];
}

function rank(type: string): number {
  return isJsonType(essenceOf(type)) ? 0 : 1;
}
