import { describe, expect, it } from 'vitest';
import { checkStructure } from '../../src/openapi/check-structure.ts';
import type { SpecFamily } from '../../src/openapi/spec-version.ts';

/** `code pointer` of each finding for a sound document of that version with these parts. */
function check(family: SpecFamily, parts: Readonly<Record<string, unknown>>): readonly string[] {
  const version = family === '2.0' ? { swagger: '2.0' } : { openapi: `${family}.0` };
  const document = { ...version, info: { title: 't', version: '1' }, paths: {}, ...parts };
  return checkStructure(document, family).map(({ code, pointer }) => `${code} ${pointer ?? ''}`);
}

const operation = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  paths: { '/x': { get: { responses: { 200: { description: 'OK' } }, ...fields } } },
});

describe('what the standard requires', () => {
  it.each([
    { family: '2.0', parts: {}, found: [] },
    { family: '3.2', parts: {}, found: [] },
    { family: '3.0', parts: { info: {} }, found: ['field_missing /info', 'field_missing /info'] },
    { family: '3.0', parts: { info: undefined }, found: ['field_invalid /info'] },
    { family: '3.0', parts: { info: { title: 1, version: '1' } }, found: ['field_invalid /info/title'] },
    { family: '3.0', parts: { tags: {} }, found: ['field_invalid /tags'] },
    { family: '3.0', parts: { tags: ['a'] }, found: ['field_invalid /tags/0'] },
    { family: '3.0', parts: { paths: [] }, found: ['field_invalid /paths'] },
    { family: '3.0', parts: { extra: 1, 'x-extra': 1 }, found: ['field_unknown /extra'] },
    { family: '3.0', parts: operation({ tags: ['a', 1] }), found: ['field_invalid /paths/~1x/get/tags/1'] },
    { family: '3.0', parts: operation({ deprecated: 'no' }), found: ['field_invalid /paths/~1x/get/deprecated'] },
    {
      family: '3.0',
      parts: operation({ responses: { 200: {} } }),
      found: ['field_missing /paths/~1x/get/responses/200'],
    },
    {
      family: '3.0',
      parts: operation({ parameters: [{ name: 'a', in: 'path' }] }),
      found: ['field_missing /paths/~1x/get/parameters/0'],
    },
    {
      family: '2.0',
      parts: operation({ parameters: [{ name: 'a', in: 'path', required: false }] }),
      found: ['field_missing /paths/~1x/get/parameters/0'],
    },
    { family: '3.0', parts: operation({ parameters: [{ $ref: '#/x', other: 1 }] }), found: [] },
    {
      family: '3.0',
      parts: operation({ parameters: [{ name: 'a', in: 'query', schema: { whatever: 1 } }] }),
      found: [],
    },
  ] as const)('$family with $parts: $found', ({ family, parts, found }) => {
    expect(check(family, parts)).toEqual(found);
  });
});

describe('what a version brought or dropped', () => {
  it.each([
    { parts: { paths: undefined }, families: { '3.0': 'field_invalid', '3.1': 'field_invalid' } },
    { parts: { webhooks: {} }, families: { '3.0': 'field_unknown', '3.1': undefined, '3.2': undefined } },
    { parts: { $self: 'https://a.com' }, families: { '3.1': 'field_unknown', '3.2': undefined } },
    { parts: { host: 'a.com' }, families: { '2.0': undefined, '3.0': 'field_unknown' } },
    { parts: { paths: { '/x': { query: {} } } }, families: { '3.1': 'field_unknown', '3.2': undefined } },
    {
      parts: { paths: { '/x': { get: {} } } },
      families: { '2.0': 'field_missing', '3.0': 'field_missing', '3.1': undefined },
    },
    {
      parts: operation({ responses: { 200: {} } }),
      families: { '3.0': 'field_missing', '3.1': 'field_missing', '3.2': undefined },
    },
  ])('$parts: $families', ({ parts, families }) => {
    for (const [family, code] of Object.entries(families)) {
      expect(
        check(family as SpecFamily, parts).map((found) => found.split(' ')[0]),
        family,
      ).toEqual(code === undefined ? [] : [code]);
    }
  });

  it('paths are required in 3.0, not in 3.1', () => {
    const document = { openapi: 'x', info: { title: 't', version: '1' } };
    expect(checkStructure(document, '3.0').map(({ code }) => code)).toEqual(['field_missing']);
    expect(checkStructure(document, '3.1')).toEqual([]);
  });
});

it('more than 20 findings are counted', () => {
  const document = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`extra${index}`, 1]));
  const findings = checkStructure({ info: { title: 't', version: '1' }, ...document }, '3.1');
  expect(findings).toHaveLength(21);
  expect(findings.at(-1)).toMatchObject({ severity: 'info', code: 'structure_more' });
  expect(findings.at(-1)?.message).toContain('There are 50 places');
});
