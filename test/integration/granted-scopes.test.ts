/** Scopes that were asked for and scopes that a token has (RFC 6749 §3.3, §5.1; F51). */
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import type { LogFields, Logger } from '../../src/kernel/logger.ts';
import { lackingScopes, requestedScopes, warnOfNarrowerScope } from '../../src/integration/granted-scopes.ts';
import type { HeldToken } from '../../src/token/held-token.ts';
import type { TokenConfiguration } from '../../src/token/token-configuration.ts';

const asking = (scope?: Json): TokenConfiguration =>
  ({ integration: 'shop', scheme: 's', inputs: scope === undefined ? {} : { scope } }) as TokenConfiguration;
const granted = (scope: string | null, obtainedBy = 'password'): HeldToken =>
  ({ id: 't', version: 3, scope, obtainedBy }) as HeldToken;

test.each<readonly [Json | undefined, readonly string[]]>([
  [undefined, []],
  ['', []],
  ['a  b', ['a', 'b']],
  [
    ['a', 'b c', 1],
    ['a', 'b', 'c'],
  ],
  [7, []],
])('asked for by %j', (scope, expected) => {
  expect(requestedScopes(asking(scope))).toEqual(expected);
});

test.each<readonly [string, Json | undefined, HeldToken, readonly string[] | undefined]>([
  ['the provider says which', 'a b', granted('a'), ['b']],
  ['all of them', undefined, granted('b a c'), []],
  ['none', 'a b', granted(''), ['a', 'b']],
  ['with commas between', undefined, granted('a,b'), []],
  ['another case is another scope', undefined, granted('A b'), ['a']],
  ['the provider says nothing: as asked for', 'a', granted(null), ['b']],
  ['nobody says anything', undefined, granted(null), undefined],
  ['by hand: nobody knows', 'a b', granted(null, 'manual'), undefined],
  ['by hand, with its scope', undefined, granted('a', 'manual'), ['b']],
])('%s', (_what, asked, token, expected) => {
  expect(lackingScopes(asking(asked), token, ['a', 'b'])).toEqual(expected);
});

test('a scope with a comma in it is found', () => {
  expect(lackingScopes(asking(), granted('a,b c'), ['a,b'])).toEqual([]);
});

describe('a provider that grants less', () => {
  const warnings = (configuration: TokenConfiguration, token: HeldToken): readonly LogFields[] => {
    const lines: LogFields[] = [];
    const logger = { warn: (fields: LogFields) => void lines.push(fields) } as unknown as Logger;
    warnOfNarrowerScope(logger, configuration, token);
    warnOfNarrowerScope(logger, configuration, token);
    return lines;
  };

  test('is told of once a token', () => {
    const line = { integration: 'shop', scheme: 's', version: 3, lacking: 'b c' };
    expect(warnings(asking('a b c'), granted('a'))).toEqual([line]);
    expect(warnings(asking('a b c'), granted('a'))).toEqual([line]);
  });

  test.each<readonly [string, TokenConfiguration, HeldToken]>([
    ['it grants more', asking('a'), granted('a b')],
    ['it says nothing', asking('a'), granted(null)],
    ['nothing was asked for', asking(), granted('')],
    ['what it leaves out is no right at an API', asking('openid offline_access a'), granted('a')],
  ])('is not told of where %s', (_what, configuration, token) => {
    expect(warnings(configuration, token)).toEqual([]);
  });
});
