/** Whatever a document says, the import answers, and what it answers fits together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../src/kernel/json-pointer.ts';
import { FINDING_CODES } from '../../src/openapi/finding-codes.ts';
import { importParsed } from '../../src/openapi/import-document.ts';
import type { ImportOutcome } from '../../src/openapi/imported-model.ts';
import type { Operation } from '../../src/openapi/operation.ts';
import { importAny, LIMITS, sha256 } from './import-text.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const KEYS = [
  '',
  ...words(`
  openapi swagger info title version paths webhooks components definitions servers url variables host basePath
  schemes consumes produces get post query additionalOperations PURGE operationId parameters name in schema
  content requestBody responses 200 headers application/json examples example value encoding style explode type
  items properties allOf required enum pattern default $ref security securitySchemes securityDefinitions flows
  flow password clientCredentials tokenUrl refreshUrl scopes __proto__ constructor x-a /a /a/{b} A s schemas
  collectionFormat x-itential-parameters
`),
];

const WORDS = [
  ' ',
  ...words(`
  3.0.0 3.1.0 3.2.0 2.0 path query header cookie body formData querystring array file object
  #/components/schemas/A #/paths/~1a #/paths/~1a/get #/definitions/A # #/ #/%zz x.yaml#/a __proto__ {b} oauth2
  apiKey http https basic https://a.com/{b} /token [ multi application form
`),
];

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(...WORDS, 0, -1, 1.5, true, false, null),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('json'), { maxKeys: 6 }),
  ),
}));

const reference = fc.constantFrom('A', 'B', 'C').map((name) => ({ $ref: `#/components/schemas/${name}` }));
const schema = fc.oneof(
  json,
  reference,
  fc.record(
    {
      type: fc.constantFrom('string', 'object', 'any'),
      properties: fc.dictionary(fc.constantFrom('a', '$ref'), reference),
      items: reference,
    },
    { requiredKeys: [] },
  ),
);
const content = fc.dictionary(fc.constantFrom('application/json', 'a/b'), fc.record({ schema }));
const parameter = fc.oneof(
  reference,
  fc.record({ name: fc.constantFrom('b', 'c'), in: fc.constantFrom('path', 'query', 'body'), schema }),
  fc.record({ name: fc.constantFrom('b', 'c'), in: fc.constant('formData'), type: fc.constantFrom('string', 'any') }),
);

/** Documents that get past the version, with the parts where they belong as often as not. */
const operation = fc.record(
  {
    operationId: fc.oneof(json, fc.constantFrom('a', 'b')),
    parameters: fc.oneof(json, fc.array(fc.oneof(json, parameter), { maxLength: 3 })),
    requestBody: fc.oneof(json, fc.record({ content })),
    responses: fc.oneof(json, fc.record({ 200: fc.record({ description: fc.constant('d'), content }) })),
    security: json,
    servers: json,
    consumes: json,
    schemes: json,
  },
  { requiredKeys: [] },
);
const paths = fc.dictionary(
  fc.constantFrom('/a', '/a/{b}', '/c', 'd', '__proto__'),
  fc.oneof(json, fc.record({ get: operation, post: operation })),
);
const documents = fc.record(
  {
    openapi: fc.constantFrom('3.0.0', '3.1.0', '3.2.0'),
    swagger: fc.constant('2.0'),
    info: json,
    paths: fc.oneof(json, paths),
    components: fc.oneof(
      json,
      fc.record({
        schemas: fc.dictionary(fc.constantFrom('A', 'B'), schema),
        securitySchemes: fc.dictionary(fc.constantFrom('s', '__proto__'), json),
      }),
    ),
    securityDefinitions: json,
    definitions: json,
    servers: json,
    security: json,
    host: json,
    basePath: json,
    schemes: json,
    webhooks: json,
  },
  { requiredKeys: [] },
);

function expectSound(outcome: ImportOutcome, document: unknown): void {
  if (outcome.outcome === 'refused') {
    expect(outcome.finding.severity).toBe('error');
    expect(outcome.finding.message).not.toBe('');
    return;
  }
  const { report } = outcome.facts;
  const { total, kept, degraded, refused } = report.operations;
  expect(kept + degraded + refused).toBe(total);
  expect(outcome.operations).toHaveLength(kept + degraded);
  expect(new Set(outcome.operations.map(({ operationId }) => operationId)).size).toBe(outcome.operations.length);
  const touched = new Set(
    report.findings.filter(({ severity }) => severity !== 'info').map(({ operationId }) => operationId),
  );
  touched.delete(undefined);
  expect(touched.size).toBe(degraded + refused);
  const ofOperations = report.findings.filter(({ operationId }) => operationId !== undefined);
  expect(new Set(ofOperations.map(({ operationId, code }) => JSON.stringify([operationId, code]))).size).toBe(
    ofOperations.length,
  );
  for (const finding of report.findings) {
    expect(finding.severity).toBe(FINDING_CODES[finding.code as keyof typeof FINDING_CODES].severity);
    if (finding.pointer !== undefined) expect(valueAt(document, finding.pointer), finding.pointer).not.toBeUndefined();
  }
  for (const row of outcome.operations) {
    const definition = JSON.parse(row.definition) as Operation;
    expect(definition.operationId).toBe(row.operationId);
    expect(valueAt(document, definition.pointer)).not.toBeUndefined();
  }
  for (const { value } of outcome.fragments) JSON.parse(value);
}

describe('the import', () => {
  it('is sound for documents of the right kind', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const plain = JSON.parse(JSON.stringify(document)) as unknown;
        expectSound(importAny(plain), plain);
        expectSound(importParsed(plain, { limits: LIMITS, sha256 }), plain);
      }),
      { numRuns: 500 },
    );
  });

  it('is sound for any value', () => {
    fc.assert(
      fc.property(json, (document) => expectSound(importAny(document), document)),
      { numRuns: 300 },
    );
  });

  it('is sound for any text and any bytes', () => {
    const line = fc.tuple(
      fc.constantFrom('', '  ', '    ', '- '),
      fc.constantFrom(...KEYS),
      fc.constantFrom(': ', ':', ''),
      fc.constantFrom(...WORDS, '&a', '*a', '{', '['),
    );
    const yaml = fc
      .array(
        line.map((parts) => parts.join('')),
        { maxLength: 12 },
      )
      .map((lines) => `openapi: 3.0.0\n${lines.join('\n')}`);
    fc.assert(
      fc.property(fc.oneof(yaml, fc.string(), fc.uint8Array({ maxLength: 200 })), (text) => {
        expect(importAny(text).outcome).toMatch(/imported|refused/);
      }),
      { numRuns: 500 },
    );
  });
});
