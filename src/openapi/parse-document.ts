/** Bytes → plain value, or the finding that says where the text breaks (docs/import.md, "Reading"). */
import { CORE_SCHEMA, load, mergeTag, YAMLException } from 'js-yaml';
import { createFinding } from './finding.ts';
import type { Finding } from './import-report.ts';
import { findJsonSyntaxError, positionAt } from './json-syntax-error.ts';

/** Objects and lists nested deeper are refused, in YAML and JSON. Real documents have at most 36. */
export const MAX_DEPTH = 100;
const MAX_ALIASES = 10_000;
const MAX_MERGED_KEYS = 10_000;
/** A line that is neither blank nor a comment. */
const SOMETHING = /^[ \t]*[^\s#]/m;
const YAML_SCHEMA = CORE_SCHEMA.withTags(mergeTag);

export type ParsedDocument =
  | {
      readonly outcome: 'parsed';
      readonly document: unknown;
      readonly format: 'json' | 'yaml';
      readonly findings: readonly Finding[];
    }
  | { readonly outcome: 'unreadable'; readonly finding: Finding };

/** Never throws. Text that begins with `{` or `[` is JSON, and read as YAML where that fails; any other text is YAML 1.2 (core schema, merge keys). */
export function parseDocument(bytes: Uint8Array): ParsedDocument {
  const text = decode(bytes);
  if (typeof text !== 'string') return unreadable(text);
  if (!SOMETHING.test(text)) return unreadable(createFinding('document_empty', 'The document is empty.'));
  if (!/^\s*[{[]/.test(text)) return parseYaml(text, []);
  try {
    return { outcome: 'parsed', document: JSON.parse(text) as unknown, format: 'json', findings: [] };
  } catch {
    return parseBrokenJson(text);
  }
}

function unreadable(finding: Finding): ParsedDocument {
  return { outcome: 'unreadable', finding };
}

function parseBrokenJson(text: string): ParsedDocument {
  const offset = findJsonSyntaxError(text) ?? text.length;
  const place = positionAt(text, offset);
  const at = `line ${place.line}, column ${place.column}`;
  const found =
    offset >= text.length
      ? 'the text ends too early'
      : `${JSON.stringify(text.slice(offset, offset + 1))} is not expected`;
  const asYaml = parseYaml(text, [
    createFinding('json_read_as_yaml', `Not valid JSON at ${at}: ${found}. It was read as YAML.`, place),
  ]);
  if (asYaml.outcome === 'parsed') return asYaml;
  return unreadable(createFinding('json_syntax', `The JSON cannot be parsed at ${at}: ${found}.`, place));
}

function parseYaml(text: string, findings: readonly Finding[]): ParsedDocument {
  try {
    const document = load(text, {
      schema: YAML_SCHEMA,
      maxDepth: MAX_DEPTH,
      maxAliases: MAX_ALIASES,
      maxTotalMergeKeys: MAX_MERGED_KEYS,
    });
    return { outcome: 'parsed', document, format: 'yaml', findings };
  } catch (error) {
    return unreadable(yamlFinding(error));
  }
}

function yamlFinding(error: unknown): Finding {
  if (!(error instanceof YAMLException)) return createFinding('yaml_syntax', 'The YAML cannot be parsed.');
  if (error.mark === undefined) return createFinding('yaml_syntax', `The YAML cannot be parsed: ${error.reason}.`);
  const place = { line: error.mark.line + 1, column: error.mark.column + 1 };
  return createFinding(
    'yaml_syntax',
    `The YAML cannot be parsed at line ${place.line}, column ${place.column}: ${error.reason}.`,
    place,
  );
}

/** Without byte order mark; a finding for anything but UTF-8. */
function decode(bytes: Uint8Array): string | Finding {
  if (
    (bytes[0] === 0xfe && bytes[1] === 0xff) ||
    (bytes[0] === 0xff && bytes[1] === 0xfe) ||
    bytes[0] === 0 ||
    bytes[1] === 0
  ) {
    return createFinding('document_encoding', 'The text looks like UTF-16 or UTF-32. Save the document as UTF-8.', {
      line: 1,
      column: 1,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return invalidUtf8(bytes);
  }
}

function invalidUtf8(bytes: Uint8Array): Finding {
  const valid = new TextDecoder('utf-8').decode(bytes.subarray(0, validLength(bytes)), { stream: true });
  const place = positionAt(valid, valid.length);
  return createFinding(
    'document_encoding',
    `The text is not UTF-8 at line ${place.line}, column ${place.column}. Save the document as UTF-8.`,
    place,
  );
}

/** Whether bytes are UTF-8, perhaps cut within a character. */
function startsUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Number of leading bytes that are UTF-8, found by halving. */
function validLength(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1;
    if (startsUtf8(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}
