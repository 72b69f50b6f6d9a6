import { expect, test } from 'vitest';
import { looksLikeOpenApi } from '../../src/model/recognise-document.ts';

test.each([
  ['JSON', '{"openapi": "3.0.3"}', true],
  ['JSON with the version last', '{"info": {}, "paths": {}, "swagger" : "2.0" }', true],
  ['JSON with a number as version', '{"swagger":2}', true],
  ['JSON after a byte order mark and blanks', '\ufeff\n {"openapi":"3.1.0"}', true],
  ['YAML', 'openapi: 3.0.3\n', true],
  ['YAML with the version on a later line', '# comment\r\ninfo: {}\r\nswagger: "2.0"', true],
  ['YAML with quoted keys', '---\n"openapi": \'3.1.0\'\n', true],
  ['YAML after a byte order mark', '\ufeffopenapi: 3.0.0', true],
  ['a fragment', 'type: object\nproperties: {}\n', false],
  ['a nested YAML key', 'info:\n  openapi: 3.0.3\n', false],
  ['prose', 'openapi is a standard: 3 versions', false],
  ['a JSON text value', '{"name": "openapi"}', false],
  ['a key that only begins so', 'openapiVersion: 3.0.0', false],
  ['a version that is none', 'openapi: yes', false],
  ['nothing', '', false],
])('%s: %j → %s', (_title, text, expected) => {
  expect(looksLikeOpenApi(Buffer.from(text))).toBe(expected);
});
