/** `WWW-Authenticate`: what an API says of the credentials that it wants or refuses (RFC 9110 §11.6.1). Pure. */
import type { HttpResponse } from '../kernel/http-client.ts';
import { own } from '../kernel/json.ts';

export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A parameter (`name="…"` or `name=token`), else a scheme, which a token68 may follow. Each piece is read once: no backtracking over the text. */
const PIECE =
  /[\s,]*([!#$%&'*+\-.^_`|~\dA-Za-z]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~\dA-Za-z]+))|(?: +[\w\-.~+/]+=*(?=\s*(?:,|$)))?)/gy;

/** Every challenge of every `WWW-Authenticate` header; what is not well formed ends the reading of its header. */
export function challengesOf(headers: HttpResponse['headers']): readonly Challenge[] {
  return challengeTexts(headers).flatMap(parseChallenges);
}

/** The headers as they came. */
export function challengeTexts(headers: HttpResponse['headers']): readonly string[] {
  const value = own(headers, 'www-authenticate');
  return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter((text) => typeof text === 'string');
}

function parseChallenges(text: string): readonly Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  for (const [, name = '', quoted, token] of text.matchAll(PIECE)) {
    const value = quoted === undefined ? token : quoted.replaceAll(/\\(.)/g, '$1');
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}

/** `error` of the challenges that RFC 6750 §3 and RFC 9449 §7.1 describe. */
export function bearerErrors(headers: HttpResponse['headers']): readonly string[] {
  return bearerParameters(headers, 'error');
}

/** `scope` of those challenges: what the API says that the request needs. */
export function challengeScopes(headers: HttpResponse['headers']): readonly string[] {
  return bearerParameters(headers, 'scope').flatMap((scope) => scope.split(' ').filter((name) => SCOPE.test(name)));
}

/** RFC 6749 §3.3, and short enough to be told to a person: the text is foreign. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;

function bearerParameters(headers: HttpResponse['headers'], name: string): readonly string[] {
  return challengesOf(headers)
    .filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
    .flatMap(({ parameters }) => parameters.get(name) ?? []);
}
