import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonSyntaxError, positionAt } from '../../src/openapi/json-syntax-error.ts';
import { parseDocument } from '../../src/openapi/parse-document.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what can be read', () => {
  it.each([
    { rule: 'JSON', text: '{"a":[1,null]}', document: { a: [1, null] }, format: 'json', codes: [] },
    { rule: 'JSON behind a byte order mark', text: '\ufeff{"a":1}', document: { a: 1 }, format: 'json', codes: [] },
    { rule: 'YAML', text: 'a: 1\nb: [x]', document: { a: 1, b: ['x'] }, format: 'yaml', codes: [] },
    { rule: 'YAML behind a byte order mark', text: '\ufeffa: 1', document: { a: 1 }, format: 'yaml', codes: [] },
    {
      rule: 'YAML in braces, with a finding',
      text: '{a: 1}',
      document: { a: 1 },
      format: 'yaml',
      codes: ['json_read_as_yaml'],
    },
    {
      rule: 'JSON with a comma too many, with a finding',
      text: '{"a":1,}',
      document: { a: 1 },
      format: 'yaml',
      codes: ['json_read_as_yaml'],
    },
    {
      rule: 'merge keys',
      text: 'a: &a {x: 1}\nb:\n  <<: *a\n  y: 2',
      document: { a: { x: 1 }, b: { x: 1, y: 2 } },
      format: 'yaml',
      codes: [],
    },
    { rule: 'dates as texts', text: 'a: 2024-01-01', document: { a: '2024-01-01' }, format: 'yaml', codes: [] },
    {
      rule: 'yes and no as texts',
      text: 'a: [yes, no, on]',
      document: { a: ['yes', 'no', 'on'] },
      format: 'yaml',
      codes: [],
    },
    {
      rule: 'keys that are numbers',
      text: 'responses: {200: {}}',
      document: { responses: { 200: {} } },
      format: 'yaml',
      codes: [],
    },
  ])('$rule', ({ text, document, format, codes }) => {
    const parsed = parseDocument(bytes(text));
    if (parsed.outcome === 'unreadable') throw new Error(parsed.finding.message);
    expect(parsed.document).toEqual(document);
    expect(parsed.format).toBe(format);
    expect(parsed.findings.map(({ code }) => code)).toEqual(codes);
  });
});

describe('what cannot be read', () => {
  it.each([
    { rule: 'nothing', text: '', code: 'document_empty', at: undefined },
    { rule: 'blanks', text: ' \n\t\n', code: 'document_empty', at: undefined },
    { rule: 'comments', text: '# a\n  # b', code: 'document_empty', at: undefined },
    { rule: 'a missing colon', text: '{"a": 1,\n "b" 2}', code: 'json_syntax', at: [2, 6] },
    { rule: 'a text without its end', text: '{"a": "x\n}', code: 'json_syntax', at: [1, 9] },
    { rule: 'a wrong escape', text: '{"a": "\\x"}', code: 'json_syntax', at: [1, 8] },
    { rule: 'an early end', text: '[1,\n[2', code: 'json_syntax', at: [2, 3] },
    { rule: 'something behind', text: '{}\n{}', code: 'json_syntax', at: [2, 1] },
    { rule: 'a wrong bracket', text: '{"a": [1}', code: 'json_syntax', at: [1, 9] },
    { rule: 'an unknown alias', text: 'a: 1\nb: *x', code: 'yaml_syntax', at: [2, 5] },
    { rule: 'a key twice', text: 'a: 1\nb: 2\na: 3', code: 'yaml_syntax', at: [3, 1] },
    { rule: 'a tag that makes other things than JSON', text: 'a: !!binary x', code: 'yaml_syntax', at: [1, 4] },
    { rule: 'two documents', text: 'a: 1\n---\nb: 2', code: 'yaml_syntax', at: undefined },
  ])('$rule: $code at $at', ({ text, code, at }) => {
    const parsed = parseDocument(bytes(text));
    if (parsed.outcome === 'parsed') throw new Error('parsed');
    expect(parsed.finding.code).toBe(code);
    expect([parsed.finding.line, parsed.finding.column]).toEqual(at ?? [undefined, undefined]);
  });

  it.each([
    { rule: 'UTF-16, little end first', text: [0xff, 0xfe, 0x7b, 0x00], at: [1, 1] },
    { rule: 'UTF-16, big end first', text: [0xfe, 0xff, 0x00, 0x7b], at: [1, 1] },
    { rule: 'UTF-16 without a mark', text: [0x7b, 0x00, 0x7d, 0x00], at: [1, 1] },
    { rule: 'UTF-16 without a mark, big end first', text: [0x00, 0x7b, 0x00, 0x7d], at: [1, 1] },
    { rule: 'Latin-1', text: [0x61, 0x3a, 0x0a, 0xc3, 0xa4, 0xe4, 0x62], at: [2, 2] },
    { rule: 'a character cut off', text: [0x61, 0x3a, 0x20, 0xc3], at: [1, 4] },
  ])('$rule is not UTF-8, at $at', ({ text, at }) => {
    const parsed = parseDocument(Uint8Array.from(text));
    if (parsed.outcome === 'parsed') throw new Error('parsed');
    expect(parsed.finding.code).toBe('document_encoding');
    expect([parsed.finding.line, parsed.finding.column]).toEqual(at);
  });
});

describe('the place of a JSON error', () => {
  it('is found exactly in what JSON.parse refuses', () => {
    const cut = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', ':', '0', 'x', '\\', '\n', '-', '.'),
    );
    fc.assert(
      fc.property(cut, ([json, at, inserted]) => {
        const offset = at % (json.length + 1);
        const text = `${json.slice(0, offset)}${inserted}${json.slice(inserted === '' ? offset + 1 : offset)}`;
        expect(findJsonSyntaxError(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is the first offset from which no text could go on', () => {
    const text = '{"a": [1, 2, tru]}';
    expect(findJsonSyntaxError(text)).toBe(13);
  });

  it('is found in a megabyte of nesting and of text', () => {
    expect(findJsonSyntaxError('['.repeat(1_000_000))).toBe(1_000_000);
    expect(findJsonSyntaxError(`"${'a'.repeat(1_000_000)}`)).toBe(1_000_001);
  });

  it('lines end with a line feed', () => {
    expect(positionAt('a\r\nb\nc', 5)).toEqual({ line: 3, column: 1 });
    expect(positionAt('a\r\nb\nc', 3)).toEqual({ line: 2, column: 1 });
    expect(positionAt('', 0)).toEqual({ line: 1, column: 1 });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
