/** Tokens for other scopes, resources and audiences (F50): what means the same shares a token, and nothing else does. */
import { createSecretKey, randomBytes } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { createCipher } from '../../src/io/cipher.ts';
import { canonicalVariant, inputsOfVariant, tokenRecordId } from '../../src/integration/token-variant.ts';
import type { TokenQuery } from '../../src/token/tokens-face.ts';

type Asked = Pick<TokenQuery, 'scopes' | 'resources' | 'audience'>;

/** Words that are easily confused once they are joined; the one that may stand in every place comes often. */
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constant('urn:a') },
  { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'ab', 'a:b', '"a"', 'a,b', '', '\\', '[', '"],["', 'ü') },
  { weight: 1, arbitrary: fc.constantFrom('\u{d800}', '\u{dfff}') },
);
const scope = fc.array(word, { maxLength: 2 }).map((words) => words.join(' '));
const resource = fc.constantFrom('urn:a', 'urn:a', 'urn:b', 'https://a.test/?b,urn:a');

function optional<T>(name: keyof Asked, value: Arbitrary<T>): Arbitrary<Asked> {
  return fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given }));
}

const asked: Arbitrary<Asked> = fc
  .tuple(
    optional('scopes', fc.array(scope, { maxLength: 3 })),
    optional('resources', fc.array(resource, { maxLength: 3 })),
    optional('audience', word),
  )
  .map(([scopes, resources, audience]) => ({ ...scopes, ...resources, ...audience }));

interface Token extends Asked {
  readonly integrationId: string;
  readonly scheme: string;
}

const token: Arbitrary<Token> = fc
  .tuple(fc.constantFrom('i', 'j'), fc.constantFrom('s', 's:i', ':', 's a', '["s"'), asked)
  .map(([integrationId, scheme, given]) => ({ integrationId, scheme, ...given }));

/** The same words, each in one of the places that it may stand in. */
function placed(words: readonly string[]): Arbitrary<Token> {
  const place = fc.constantFrom('scopes', 'resources', 'audience');
  return fc.array(place, { minLength: words.length, maxLength: words.length }).map((places) => {
    const at = (name: string): readonly string[] => words.filter((_, index) => places[index] === name);
    return {
      integrationId: 'i',
      scheme: 's',
      scopes: at('scopes'),
      resources: at('resources'),
      audience: at('audience').join(),
    };
  });
}

const regrouped = fc
  .tuple(fc.uniqueArray(fc.constantFrom('urn:a', 'urn:b'), { minLength: 1 }), fc.boolean())
  .chain(([words, together]) => fc.tuple(placed(words), placed(together ? [words.join()] : words)));

/** The same thing, said otherwise: lists turned round, doubled, scopes put into one text. */
function reworded({ scopes, resources, ...rest }: Asked): Asked {
  const twice = (list: readonly string[]): readonly string[] => [...list.toReversed(), ...list];
  return {
    ...rest,
    ...(scopes === undefined ? {} : { scopes: [twice(scopes).join(' ')] }),
    ...(resources === undefined ? {} : { resources: twice(resources) }),
  };
}

/** What is meant, said without the code under test. */
function meaning({ integrationId, scheme, scopes = [], resources = [], audience = '' }: Token): string {
  const names = new Set(scopes.flatMap((scope) => scope.split(' ')).filter((name) => name !== ''));
  return JSON.stringify([integrationId, scheme, [...names].toSorted(), [...new Set(resources)].toSorted(), audience]);
}

const cipher = createCipher({ active: 'k', keys: new Map() }, createSecretKey(randomBytes(32)));
const idOf = ({ integrationId, scheme, ...given }: Token): string =>
  tokenRecordId(cipher, integrationId, scheme, canonicalVariant(given));

describe('test 43: the record of a token', () => {
  test('is shared by what means the same', () => {
    fc.assert(fc.property(token, (given) => idOf(given) === idOf({ ...given, ...reworded(given) })));
  });

  test('is shared by nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(token, token), regrouped),
        ([one, other]) => (idOf(one) === idOf(other)) === (meaning(one) === meaning(other)),
      ),
      { numRuns: 2_000 },
    );
  });

  test.each<readonly [string, Asked]>([
    ['nothing', {}],
    ['empty lists', { scopes: [], resources: [], audience: '' }],
    ['blanks', { scopes: [' ', ''] }],
  ])('is the own one for %s', (_what, given) => {
    expect(canonicalVariant(given)).toBeUndefined();
  });
});

describe('a resource is an absolute URI without a fragment (RFC 8707 §2)', () => {
  test.each(['https://a.test', 'https://a.test/v1?x=1', 'urn:example:a', 'api://b5f7'])(
    '%s is taken as it is',
    (uri) => {
      expect(canonicalVariant({ resources: [uri] })).toEqual({ resources: [uri] });
    },
  );

  test.each([
    '',
    'a.test',
    '/v1',
    '//a.test',
    'https://a.test/#part',
    'https://a.test/#',
    'https://',
    'https://a.test/a b',
  ])('"%s" is refused', (uri) => {
    expect(() => canonicalVariant({ resources: ['urn:a', uri] })).toThrow(
      expect.objectContaining({ code: 'bad_request', details: { pointer: '/resources/1' } }),
    );
  });
});

describe('the inputs of a further token', () => {
  const declaring: Exchange = {
    ...readyExchange('client_credentials'),
    inputs: [{ name: 'scope' }, { name: 'resource' }],
    acquire: [{ name: 'token', url: 'https://as.test/token' }],
    refresh: null,
  };

  test('replace scope, and stand among the further parameters', () => {
    const inputs = { scope: 'x', token_url: 'u', parameters: { tenant: 't', resource: 'urn:own' } };
    const variant = { scopes: ['a', 'b'], resources: ['urn:a', 'urn:b'], audience: 'c' };
    expect(inputsOfVariant(readyExchange('client_credentials'), inputs, variant)).toEqual({
      scope: 'a b',
      token_url: 'u',
      parameters: { tenant: 't', resource: ['urn:a', 'urn:b'], audience: 'c' },
    });
  });

  test('stand where the exchange declares them', () => {
    expect(inputsOfVariant(declaring, {}, { resources: ['urn:a'] })).toEqual({ resource: ['urn:a'] });
  });

  test.each([
    [{ audience: 'c' }, 'audience'],
    [{ resources: ['urn:a'], audience: 'c' }, 'audience'],
  ])('%j is refused where the exchange has no place for it', (variant, what) => {
    expect(() => inputsOfVariant(declaring, {}, variant)).toThrow(
      expect.objectContaining({
        code: 'bad_request',
        message: `The exchange "client_credentials" has no place for ${what}.`,
      }),
    );
    expect(() => inputsOfVariant({ ...declaring, inputs: [] }, {}, { scopes: ['a'] })).toThrow(
      'has no place for scopes',
    );
  });
});
