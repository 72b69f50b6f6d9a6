/** Documents made to hurt: each is refused or imported at once, without harm. */
import { describe, expect, it } from 'vitest';
import { importParsed } from '../../src/openapi/import-document.ts';
import { codesOf, document30, importAny, imported, LIMITS, operationsOf, sha256 } from './import-text.ts';

/** Aliases of aliases: 504 bytes that would be 100 million values. */
function aliasBomb(): string {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const lines = letters.map((letter, index) => {
    const before = letters[index - 1];
    const items = before === undefined ? Array(9).fill('x') : Array(9).fill(`*${before}`);
    return `${letter}: &${letter} [${items.join(',')}]`;
  });
  return `openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n${lines.join('\n')}\n`;
}

/** Each schema refers twice to the next: 2^levels paths through it. */
function referenceDag(levels: number): Record<string, unknown> {
  const schemas = Object.fromEntries(
    Array.from({ length: levels }, (_, index) => {
      const next = { $ref: `#/components/schemas/S${index + 1}` };
      return [`S${index}`, index === levels - 1 ? {} : { properties: { a: next, b: next } }];
    }),
  );
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } };
  return document30({
    paths: { '/x': { post: { requestBody: { content }, responses: {} } } },
    components: { schemas },
  });
}

const nested = (levels: number, open: string, close: string): string => open.repeat(levels) + close.repeat(levels);

describe('sizes', () => {
  it.each([
    { rule: 'an alias bomb', document: aliasBomb(), code: 'document_expands' },
    {
      rule: 'aliases of a long text',
      document: `openapi: 3.0.0\na: &a ${'x'.repeat(1_000_000)}\nb: [${Array(300).fill('*a').join(',')}]`,
      code: 'document_expands',
    },
    {
      rule: 'more aliases than 10,000',
      document: `openapi: 3.0.0\na: &a x\nb: [${Array(10_001).fill('*a').join(',')}]`,
      code: 'yaml_syntax',
    },
    { rule: 'more merged keys than 10,000', document: mergeBomb(), code: 'yaml_syntax' },
    { rule: 'JSON 101 deep', document: `{"openapi":"3.0.0","x":${nested(101, '[', ']')}}`, code: 'document_too_deep' },
    {
      rule: 'JSON a million deep',
      document: `{"openapi":"3.0.0","x":${nested(1_000_000, '[', ']')}}`,
      code: 'document_too_deep',
    },
    {
      rule: 'objects 100,000 deep',
      document: `{"openapi":"3.0.0","x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      code: 'document_too_deep',
    },
    { rule: 'YAML 101 deep', document: `openapi: 3.0.0\nx: ${nested(101, '[', ']')}`, code: 'yaml_syntax' },
    { rule: 'YAML deep through aliases', document: deepAliases(), code: 'document_too_deep' },
    { rule: 'YAML that contains itself', document: 'openapi: 3.0.0\nx: &x [*x, *x]', code: 'document_too_deep' },
    {
      rule: 'millions of empty objects',
      document: `{"openapi":"3.0.0","x":[${'{},'.repeat(5_000_001)}0]}`,
      code: 'document_expands',
    },
  ])(
    '$rule is refused: $code',
    ({ document, code }) => {
      const before = process.cpuUsage();
      const outcome = importAny(document);
      expect(outcome).toMatchObject({ outcome: 'refused', code: 'document_refused', finding: { code } });
      // Processor time: a busy machine is no slow import.
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
    },
    30_000,
  );

  it('100 levels are imported', () => {
    expect(importAny(`{"openapi":"3.0.0","x":${nested(99, '[', ']')}}`).outcome).toBe('imported');
    expect(importAny(`openapi: 3.0.0\nx: ${nested(98, '[', ']')}`).outcome).toBe('imported');
  });

  it('more bytes than the limit are refused unread, and the flag is named', () => {
    const outcome = importAny('x'.repeat(101), { limits: { ...LIMITS, maxBytes: 100 } });
    expect(outcome).toMatchObject({ outcome: 'refused', finding: { code: 'document_too_large' } });
    if (outcome.outcome === 'refused') expect(outcome.finding.message).toContain('--max-bytes');
  });

  it('more operations than the limit are refused with a report, and the flag is named', () => {
    const paths = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`/p${index}`, { get: {} }]));
    const outcome = importAny(document30({ paths }), { limits: { ...LIMITS, maxOperations: 10 } });
    if (outcome.outcome === 'imported') throw new Error('imported');
    expect(outcome.finding.code).toBe('operations_exceeded');
    expect(outcome.finding.message).toContain('--max-operations');
    expect(outcome.report?.operations).toEqual({ total: 11, kept: 0, degraded: 0, refused: 11 });
    expect(importAny(document30({ paths }), { limits: { ...LIMITS, maxOperations: 11 } }).outcome).toBe('imported');
  });

  it('a large part that thousands of operations share is refused before it fills the memory', () => {
    const shared = {
      parameters: Array.from({ length: 200 }, (_, index) => ({
        name: `p${index}`,
        in: 'query',
        description: 'x'.repeat(1_000),
      })),
    };
    const item = Object.fromEntries(['get', 'put', 'post', 'delete'].map((method) => [method, { responses: {} }]));
    const paths = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`/p${index}`, { $ref: '#/components/pathItems/a' }]),
    );
    const outcome = importAny(
      document30({ openapi: '3.1.0', paths, components: { pathItems: { a: { ...shared, ...item } } } }),
    );
    expect(outcome).toMatchObject({ outcome: 'refused', finding: { code: 'document_expands' } });
  }, 30_000);
});

it('a schema stored once for each of its levels is refused before it fills the memory', () => {
  let schema: unknown = { description: 'x'.repeat(5_000_000) };
  for (let level = 0; level < 80; level += 1) schema = { items: schema };
  const pointers = Array.from({ length: 80 }, (_, level) => `#/components/schemas/A${'/items'.repeat(level)}`);
  const parameters = pointers.map(($ref, index) => ({ name: `p${index}`, in: 'query', schema: { $ref } }));
  const outcome = importAny(
    document30({ paths: { '/x': { get: { parameters } } }, components: { schemas: { A: schema } } }),
  );
  expect(outcome).toMatchObject({ outcome: 'refused', finding: { code: 'document_expands' } });
}, 30_000);

describe('long texts take one pass', () => {
  const long = 300_000;
  const slashes = `https://a.com${'/'.repeat(long)}x`;
  const templates = Array.from({ length: 50_000 }, (_, index) => `{v${index}}`).join('');
  const flows = { password: { tokenUrl: `/${templates}`, refreshUrl: slashes } };
  const schemes = { s: { type: 'oauth2', flows } };
  const duplicates = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, index) => [`/p${index}`, { get: { operationId: 'same' } }]),
  );

  it.each([
    {
      rule: 'slashes',
      document: document30({ servers: [{ url: slashes }], components: { securitySchemes: schemes } }),
    },
    { rule: 'slashes in 2.0', document: { swagger: '2.0', host: slashes, basePath: slashes, paths: {} } },
    {
      rule: 'variables and servers',
      document: document30({
        servers: Array.from({ length: 20_000 }, (_, index) => ({
          url: 'https://a.com',
          variables: { [`w${index}`]: { default: 'x' } },
        })),
        components: { securitySchemes: schemes },
      }),
    },
    {
      rule: 'path templates and parameters',
      document: document30({
        paths: {
          [`/${templates}`]: {
            get: { parameters: Array.from({ length: 20_000 }, (_, index) => ({ name: `w${index}`, in: 'path' })) },
          },
        },
      }),
    },
    { rule: 'operations with one id', document: document30({ paths: duplicates }) },
    {
      rule: 'braces',
      document: document30({ servers: [{ url: '{'.repeat(long) }], paths: { [`/${'{'.repeat(long)}`]: { get: {} } } }),
    },
    {
      rule: 'a host',
      document: document30({
        servers: [{ url: `https://${'example.'.repeat(long / 8)}` }],
        components: { securitySchemes: schemes },
      }),
    },
  ])(
    '$rule',
    ({ document }) => {
      const before = process.cpuUsage();
      expect(importAny(document).outcome).toBe('imported');
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
    },
    60_000,
  );
});

function mergeBomb(): string {
  const base = `{${Array.from({ length: 1_000 }, (_, index) => `k${index}: 1`).join(', ')}}`;
  const merges = Array.from({ length: 11 }, (_, index) => `m${index}: {<<: *a}`).join('\n');
  return `openapi: 3.0.0\na: &a ${base}\n${merges}`;
}

/** No text is nested deeper than 60, but what it says is 120 deep. */
function deepAliases(): string {
  return `openapi: 3.0.0\na: &a ${nested(60, '[', ']')}\nb: ${'['.repeat(60)}*a${']'.repeat(60)}`;
}

describe('references', () => {
  it('a graph with a million paths is walked once', () => {
    const document = imported(referenceDag(24));
    expect(document.fragments).toHaveLength(24);
    expect(document.facts.report.operations.kept).toBe(1);
  });

  it('a chain of 20,000 schemas does not overflow', () => {
    const document = imported(referenceDag(20_000));
    expect(document.fragments).toHaveLength(20_000);
  });

  it('schemas in a circle are kept, each once', () => {
    const schemas = {
      A: { properties: { b: { $ref: '#/components/schemas/B' } } },
      B: { items: { $ref: '#/components/schemas/A' } },
    };
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/A' } } };
    const document = imported(
      document30({ paths: { '/x': { post: { requestBody: { content }, responses: {} } } }, components: { schemas } }),
    );
    expect(document.fragments.map(({ pointer }) => pointer)).toEqual([
      '/components/schemas/A',
      '/components/schemas/B',
    ]);
    expect(document.facts.report.operations.kept).toBe(1);
  });

  it.each([
    { rule: 'nowhere', $ref: '#/components/parameters/none', code: 'reference_dangling' },
    { rule: 'itself', $ref: '#/components/parameters/loop', code: 'reference_dangling' },
    { rule: 'a circle', $ref: '#/components/parameters/a', code: 'reference_dangling' },
    { rule: 'a chain of 9 references', $ref: '#/components/parameters/h0', code: 'reference_dangling' },
    { rule: '__proto__', $ref: '#/components/parameters/__proto__', code: 'reference_dangling' },
    { rule: 'constructor', $ref: '#/constructor', code: 'reference_dangling' },
    { rule: 'constructor/prototype', $ref: '#/paths/constructor/prototype', code: 'reference_dangling' },
    { rule: 'the length of a list', $ref: '#/servers/length', code: 'reference_dangling' },
    { rule: 'an anchor', $ref: '#name', code: 'reference_dangling' },
    { rule: 'the whole document', $ref: '#', code: 'reference_dangling' },
    { rule: 'a file', $ref: '/etc/passwd', code: 'reference_external' },
    { rule: 'a file URL', $ref: 'file:///etc/passwd', code: 'reference_external' },
    { rule: 'another host', $ref: 'http://169.254.169.254/latest', code: 'reference_external' },
    { rule: 'the current folder', $ref: './x.yaml#/a', code: 'reference_external' },
  ])('a parameter that refers to $rule degrades its operation', ({ $ref, code }) => {
    const hops = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`h${index}`, { $ref: `#/components/parameters/h${index + 1}` }]),
    );
    const document = imported(
      document30({
        paths: { '/x': { get: { operationId: 'x', parameters: [{ $ref }], responses: {} } } },
        components: {
          parameters: {
            loop: { $ref: '#/components/parameters/loop' },
            a: { $ref: '#/components/parameters/b' },
            b: { $ref: '#/components/parameters/a' },
            ...hops,
            h8: { name: 'n', in: 'query' },
          },
        },
      }),
    );
    expect(document.facts.report.operations).toEqual({ total: 1, kept: 0, degraded: 1, refused: 0 });
    const finding = document.facts.report.findings.find((found) => found.code === code);
    expect(finding).toMatchObject({ severity: 'warning', operationId: 'x', pointer: '/paths/~1x/get/parameters/0' });
  });

  it('a chain of 8 references is followed', () => {
    const hops = Object.fromEntries(
      Array.from({ length: 7 }, (_, index) => [`h${index}`, { $ref: `#/components/parameters/h${index + 1}` }]),
    );
    const document = imported(
      document30({
        paths: { '/x': { get: { parameters: [{ $ref: '#/components/parameters/h0' }], responses: {} } } },
        components: { parameters: { ...hops, h7: { name: 'n', in: 'query' } } },
      }),
    );
    expect(operationsOf(document)[0]?.parameters[0]?.name).toBe('n');
  });

  it('references out of the document are one finding that names the files', () => {
    const document = imported(
      document30({
        paths: {
          '/x': {
            get: { responses: { 200: { $ref: 'a.yaml#/r' }, 400: { $ref: 'b.yaml#/r' }, 500: { $ref: 'a.yaml#/s' } } },
          },
        },
      }),
    );
    const [finding, ...others] = document.facts.report.findings.filter(({ code }) => code === 'external_references');
    expect(others).toEqual([]);
    expect(finding?.message).toMatch(/^3 external references not imported\. They lead to "a\.yaml", "b\.yaml"\./);
  });

  it('a property that is named $ref is a property', () => {
    const schema = { type: 'object', properties: { $ref: { type: 'string' } } };
    const document = imported(
      document30({
        paths: { '/x': { post: { requestBody: { content: { 'application/json': { schema } } }, responses: {} } } },
      }),
    );
    expect(document.fragments).toEqual([]);
    expect(document.facts.report.operations.kept).toBe(1);
    expect(codesOf(document)).toEqual(['operation_ids_made']);
  });
});

describe('keys', () => {
  const TEXT = `{"openapi":"3.0.0","__proto__":{"polluted":1},"info":{"title":"t","version":"1","__proto__":{"polluted":1}},
    "servers":[{"url":"https://{__proto__}.a.com","variables":{"__proto__":{"default":"x"}}}],
    "paths":{"__proto__":{"get":{}},"/x":{"__proto__":{"get":{}},"post":{"__proto__":{},"operationId":"__proto__",
      "requestBody":{"content":{"__proto__":{"schema":{"type":"object","properties":{"__proto__":{"type":"string"}}}}}},
      "responses":{"__proto__":{"description":"d"},"constructor":{"description":"c"}},
      "security":[{"__proto__":[]}]}}},
    "components":{"securitySchemes":{"__proto__":{"type":"http","scheme":"basic"},"constructor":{"type":"oauth2","flows":{"__proto__":{},"password":{"tokenUrl":"https://{constructor}.com"}}}}}}`;

  it('__proto__ and constructor are names like any other, and pollute nothing', () => {
    const document = imported(TEXT);
    const [operation] = operationsOf(document);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(operation?.operationId).toBe('__proto__');
    expect(Object.keys(operation?.requestBody?.content ?? {})).toEqual(['__proto__']);
    expect(Object.keys(operation?.responses ?? {})).toEqual(['__proto__', 'constructor']);
    expect(operation?.security.map((requirement) => Object.keys(requirement))).toEqual([['__proto__']]);
    expect(document.facts.report.servers[0]?.resolved).toBe('https://x.a.com');
    expect(document.facts.securitySchemes.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
    expect(document.facts.report.securitySchemes[1]?.token_url_source).toBe('incomplete');
  });
});

describe('versions', () => {
  it.each([
    { text: 'openapi: 3.0', specVersion: '3', dialect: 'openapi-3.0' },
    { text: 'openapi: 3.1', specVersion: '3.1', dialect: 'json-schema-2020-12' },
    { text: "openapi: '3.0'", specVersion: '3.0', dialect: 'openapi-3.0' },
    { text: 'openapi: 3.0.0-RC0', specVersion: '3.0.0-RC0', dialect: 'openapi-3.0' },
    { text: "openapi: '3.0.4-#6!WuAA%`'", specVersion: '3.0.4-#6!WuAA%`', dialect: 'openapi-3.0' },
    { text: 'openapi: 3.2.0', specVersion: '3.2.0', dialect: 'json-schema-2020-12' },
    { text: 'swagger: 2.0', specVersion: '2', dialect: 'openapi-2.0' },
    { text: 'swagger: 2', specVersion: '2', dialect: 'openapi-2.0' },
    { text: "swagger: '2.0'", specVersion: '2.0', dialect: 'openapi-2.0' },
    { text: "openapi: 3.1.0\nswagger: '2.0'", specVersion: '3.1.0', dialect: 'json-schema-2020-12' },
  ])('$text is imported as $dialect', ({ text, specVersion, dialect }) => {
    expect(imported(text).facts).toMatchObject({ specVersion, dialect });
  });

  it.each([
    { text: 'swagger: 1.2', code: 'version_unsupported' },
    { text: 'openapi: 3.3.0', code: 'version_unsupported' },
    { text: 'openapi: 4', code: 'version_unsupported' },
    { text: 'openapi: 3.10.0', code: 'version_unsupported' },
    { text: 'openapi: 20.0', code: 'version_unsupported' },
    { text: 'openapi: [3]', code: 'version_missing' },
    { text: 'a: 1', code: 'version_missing' },
    { text: '[]', code: 'document_not_object' },
    { text: 'hello', code: 'document_not_object' },
    { text: '---', code: 'document_not_object' },
  ])('$text is refused: $code', ({ text, code }) => {
    expect(importAny(text)).toMatchObject({ outcome: 'refused', code: 'document_refused', finding: { code } });
  });

  it('nothing at all is a bad request', () => {
    expect(importAny('')).toMatchObject({
      outcome: 'refused',
      code: 'bad_request',
      finding: { code: 'document_empty' },
    });
  });
});

it.each([[], null, 0, 'x', { a: 1 }])('%j for any part of a document is as good as nothing', (nonsense) => {
  const keys = [
    'info',
    'servers',
    'paths',
    'components',
    'security',
    'tags',
    'webhooks',
    'securityDefinitions',
    'host',
    'schemes',
    'parameters',
  ];
  const parts = Object.fromEntries(keys.map((key) => [key, nonsense]));
  for (const version of [{ openapi: '3.1.0' }, { swagger: '2.0' }]) {
    const { facts } = imported({ ...version, ...parts });
    expect(facts.versionId).toBe('Untitled:0');
    expect(facts.report.operations).toEqual({ total: 0, kept: 0, degraded: 0, refused: 0 });
  }
});

it('a value that a program built with shared and circular parts is measured before it is used', () => {
  const shared: Record<string, unknown> = { openapi: '3.0.0', paths: {} };
  shared['self'] = shared;
  shared['wide'] = Array.from({ length: 50 }, (_, index) => ({ [`k${index}`]: shared, again: shared }));
  expect(importParsed(shared, { limits: LIMITS, sha256 })).toMatchObject({ finding: { code: 'document_too_deep' } });
});
