/** Documents that were made to hurt whoever reads them. */

export interface HostileDocument {
  readonly title: string;
  /** Made when it is needed: some are large. */
  readonly make: () => string;
  /** Reason of the refusal; `imported`; or both where the machine's memory decides. */
  readonly outcome: RegExp;
  /** Takes seconds: test/long runs it. */
  readonly slow?: true;
}

const HEAD = '"openapi":"3.0.3","info":{"title":"Hostile","version":"1"}';
const MIB = 1024 * 1024;

function json(rest: string): string {
  return `{${HEAD},${rest}}`;
}

/** With one operation whose body is the schema, and components. */
function withSchema(schema: string, components = '{}'): string {
  return json(
    `"paths":{"/a":{"post":{"operationId":"a","requestBody":{"content":{"application/json":{"schema":${schema}}}},"responses":{}}}},"components":${components}`,
  );
}

/** As many as fit into some bytes. */
function fill(unit: string, bytes: number): string {
  return unit.repeat(Math.floor(bytes / unit.length));
}

function nested(open: string, close: string, depth: number, inner = ''): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

/** Each level refers to the next one twice: 2^levels paths to the last. */
export function referenceDag(levels: number): string {
  const schemas = Array.from({ length: levels }, (_, at) => {
    const next = `{"$ref":"#/components/schemas/s${at + 1}"}`;
    return `"s${at}":{"type":"object","properties":{"a":${next},"b":${next}}}`;
  });
  return withSchema(
    '{"$ref":"#/components/schemas/s0"}',
    `{"schemas":{${schemas.join(',')},"s${levels}":{"type":"string"}}}`,
  );
}

/** Nine aliases a level. */
export function aliasBomb(levels: number): string {
  const anchors = Array.from({ length: levels }, (_, at) => {
    const items = Array.from({ length: 9 }, () => (at === 0 ? 'x' : `*a${at - 1}`));
    return `  a${at}: &a${at} [${items.join(',')}]`;
  });
  return `openapi: 3.0.3\ninfo: {title: Hostile, version: '1'}\npaths: {}\nx-bomb:\n${anchors.join('\n')}\n`;
}

function yaml(rest: string): string {
  return `openapi: 3.0.3\ninfo: {title: Hostile, version: '1'}\n${rest}`;
}

function operations(count: number, item: (at: number) => string): string {
  return `"paths":{${Array.from({ length: count }, (_, at) => `"/p${at}":${item(at)}`).join(',')}}`;
}

/** What decides depends on the machine: memory, time, or the count of values. */
const REFUSED_LARGE = /^(?:document_expands|import_memory|import_timeout)$/;
const IMPORTED = /^imported$/;

export const HOSTILE_DOCUMENTS: readonly HostileDocument[] = [
  { title: 'an alias bomb of 600 bytes', make: () => aliasBomb(9), outcome: /^document_expands$/ },
  { title: 'an alias bomb of 5 levels', make: () => aliasBomb(5), outcome: IMPORTED },
  {
    title: 'an alias that contains itself',
    make: () => yaml('paths: {}\nx: &x [*x]\n'),
    outcome: /^(?:yaml_syntax|document_too_deep)$/,
  },
  {
    title: 'a merge key bomb',
    make: () =>
      yaml(
        `paths: {}\nx-a: &a {${Array.from({ length: 200 }, (_, at) => `k${at}: 1`).join(', ')}}\nx-b:\n${fill('  - <<: *a\n', 20_000)}`,
      ),
    outcome: /^yaml_syntax$/,
  },
  ...[20, 22, 200].map((levels) => ({
    title: `a reference graph of ${levels} levels, two references each`,
    make: () => referenceDag(levels),
    outcome: IMPORTED,
  })),
  ...[500, 3_000, 20_000, 1_000_000].map((depth) => ({
    title: `JSON lists nested ${depth} deep`,
    make: () => json(`"paths":{},"x":${nested('[', ']', depth)}`),
    outcome: /^document_too_deep$/,
  })),
  ...[500, 20_000].map((depth) => ({
    title: `a schema nested ${depth} deep`,
    make: () => withSchema(nested('{"items":', '}', depth, '{}')),
    outcome: /^document_too_deep$/,
  })),
  ...[101, 20_000].map((depth) => ({
    title: `YAML flow lists nested ${depth} deep`,
    make: () => yaml(`paths: {}\nx: ${nested('[', ']', depth)}\n`),
    outcome: /^(?:yaml_syntax|document_too_deep)$/,
  })),
  {
    title: 'YAML blocks nested 3,000 deep',
    make: () => yaml(`paths: {}\nx:\n${Array.from({ length: 3000 }, (_, at) => `${' '.repeat(at + 1)}a:\n`).join('')}`),
    outcome: /^(?:yaml_syntax|document_too_deep)$/,
  },
  {
    title: 'keys that are names of prototypes',
    make: () =>
      json(
        `"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},` +
          `"paths":{"__proto__":{"get":{"responses":{}}},"/a":{"__proto__":{"polluted":true},"get":{"operationId":"__proto__","responses":{"__proto__":{}},"parameters":[{"name":"__proto__","in":"query"},{"$ref":"#/components/parameters/__proto__"},{"$ref":"#/__proto__/polluted"},{"$ref":"#/constructor/prototype"}],"security":[{"__proto__":["x"]}]}}},` +
          `"components":{"parameters":{"__proto__":{"name":"p","in":"query"}},"securitySchemes":{"__proto__":{"type":"apiKey","name":"k","in":"header"},"constructor":{"type":"oauth2","flows":{"__proto__":{"tokenUrl":"https://x.test"}}}}}`,
      ),
    outcome: IMPORTED,
  },
  {
    title: 'references in circles',
    make: () =>
      json(
        `"paths":{"/a":{"$ref":"#/paths/~1b"},"/b":{"$ref":"#/paths/~1a"},"/c":{"$ref":"#/paths/~1c"},"/d":{"$ref":"#/paths"},"/e":{"$ref":"#"},` +
          `"/f":{"get":{"parameters":[{"$ref":"#/components/parameters/a"},{"$ref":"#/paths/~1f/get/parameters/0"}],"requestBody":{"$ref":"#/components/requestBodies/a"},"responses":{"200":{"$ref":"#/paths/~1f/get/responses/200"}}}}},` +
          `"components":{"parameters":{"a":{"$ref":"#/components/parameters/b"},"b":{"$ref":"#/components/parameters/a"}},"requestBodies":{"a":{"content":{"application/json":{"schema":{"$ref":"#/components/requestBodies/a"}}}}},"schemas":{"a":{"$ref":"#/components/schemas/a"},"b":{"allOf":[{"$ref":"#/components/schemas/b"}]}},"securitySchemes":{"a":{"$ref":"#/components/securitySchemes/a"}}}`,
      ),
    outcome: IMPORTED,
  },
  {
    title: 'a chain of 100,000 references',
    make: () =>
      withSchema(
        '{"$ref":"#/components/schemas/s0"}',
        `{"schemas":{${Array.from({ length: 100_000 }, (_, at) => `"s${at}":{"items":{"$ref":"#/components/schemas/s${at + 1}"}}`).join(',')}}}`,
      ),
    outcome: IMPORTED,
  },
  {
    title: '16 MB of empty objects',
    slow: true,
    make: () => json(`"paths":{},"x":[${fill('{},', 15.9 * MIB)}{}]`),
    outcome: REFUSED_LARGE,
  },
  { title: '16 MB of digits', make: () => json(`"paths":{},"x":[${fill('1,', 15.9 * MIB)}1]`), outcome: REFUSED_LARGE },
  {
    title: '16 MB of keys',
    slow: true,
    make: () =>
      json(`"paths":{},"x":{${Array.from({ length: 1_500_000 }, (_, at) => `"${at.toString(36)}":0`).join(',')}}`),
    outcome: /^(?:imported|import_memory|import_timeout)$/,
  },
  {
    title: '16 MB of YAML list items',
    slow: true,
    make: () => yaml(`paths: {}\nx:\n${fill('- {}\n', 15.9 * MIB)}`),
    outcome: REFUSED_LARGE,
  },
  {
    title: '16 MB of one YAML word',
    slow: true,
    make: () => yaml(`paths: {}\nx: ${fill('a', 15.9 * MIB)}\n`),
    outcome: IMPORTED,
  },
  {
    title: '16 MB of YAML lines of one text',
    slow: true,
    make: () => yaml(`paths: {}\nx:\n${fill('  a b\n', 15.9 * MIB)}`),
    outcome: IMPORTED,
  },
  {
    title: '16 MB of YAML comments',
    slow: true,
    make: () => yaml(`paths: {}\n${fill('# a\n', 15.9 * MIB)}`),
    outcome: IMPORTED,
  },
  {
    title: '16 MB of opening brackets',
    slow: true,
    make: () => fill('[', 16 * MIB),
    outcome: /^(?:json_syntax|document_too_deep|import_timeout)$/,
  },
  { title: '16 MB of blanks', make: () => fill(' ', 16 * MIB), outcome: /^document_empty$/ },
  { title: '16 MB of zeros', make: () => fill('\0', 16 * MIB), outcome: /^document_encoding$/ },
  {
    title: '16 MB of JSON that ends too early',
    slow: true,
    make: () => json(`"paths":{},"x":[${fill('{"a":"b"},', 15.9 * MIB)}`),
    outcome: /./,
  },
  {
    title: '16 MB of JSON without a comma',
    slow: true,
    make: () => json(`"paths":{},"x":["a" ${fill('"a","b",', 15.9 * MIB)}1]`),
    outcome: /./,
  },
  {
    title: 'a title of 10 MB',
    make: () => `{"openapi":"3.0.3","info":{"title":"${fill('a', 10 * MIB)}","version":"1"},"paths":{}}`,
    outcome: /^document_expands$/,
  },
  {
    title: '100,000 security schemes',
    slow: true,
    make: () =>
      json(
        `"paths":{},"components":{"securitySchemes":{${Array.from({ length: 100_000 }, (_, at) => `"s${at}":{"type":"oauth2","flows":{"password":{"tokenUrl":"https://x.test/${at}","scopes":{}}}}`).join(',')}}}`,
      ),
    outcome: /^document_expands$/,
  },
  {
    title: '5,001 operations',
    make: () => json(operations(5001, () => '{"get":{"responses":{}}}')),
    outcome: /^operations_exceeded$/,
  },
  {
    title: '5,000 operations under a requirement of 20,000 alternatives',
    slow: true,
    make: () =>
      json(`"security":[${fill('{"a":["b"]},', 240_000)}{}],${operations(5000, () => '{"get":{"responses":{}}}')}`),
    outcome: /^(?:imported|document_expands|import_timeout)$/,
  },
  {
    title: '5,000 paths that are one path of 1 MB',
    slow: true,
    make: () =>
      json(
        `${operations(5000, () => '{"$ref":"#/x-path"}')},"x-path":{"get":{"responses":{},"parameters":[{"name":"a","in":"query","schema":{"enum":["${fill('a', MIB)}"]}}]}}`,
      ),
    outcome: /^document_expands$/,
  },
  {
    title: '5,000 operations that share a parameter of 1 MB',
    slow: true,
    make: () =>
      json(
        `${operations(5000, () => '{"get":{"responses":{},"parameters":[{"$ref":"#/components/parameters/a"}]}}')},"components":{"parameters":{"a":{"name":"a","in":"query","schema":{"enum":["${fill('a', MIB)}"]}}}}`,
      ),
    outcome: /^document_expands$/,
  },
  {
    title: 'one path with 50,000 parameters',
    slow: true,
    make: () =>
      json(
        `"paths":{"/a":{"parameters":[${Array.from({ length: 50_000 }, (_, at) => `{"name":"p${at}","in":"query"}`).join(',')}],"get":{"responses":{}},"post":{"responses":{}}}}`,
      ),
    outcome: IMPORTED,
  },
  {
    title: 'a pattern that backtracks for ever',
    make: () =>
      withSchema('{"type":"string","pattern":"^(a+)+$","default":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}'),
    outcome: IMPORTED,
  },
  {
    title: 'a path of 1 MB of braces',
    make: () =>
      json(
        `"servers":[{"url":"https://x.test/${fill('{a', MIB)}"}],"paths":{"/${fill('{', MIB)}":{"get":{"responses":{}}}}`,
      ),
    outcome: IMPORTED,
  },
  {
    title: 'an operationId of 1 MB, twice',
    make: () => json(operations(2, () => `{"get":{"operationId":"${fill('a', MIB)}","responses":{}}}`)),
    outcome: /^(?:imported|document_expands)$/,
  },
];
