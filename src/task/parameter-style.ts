/**
 * How a parameter's value becomes text: the styles of OpenAPI (Parameter Object, "Style Values"), which are RFC 6570's operators. Where OpenAPI leaves
 * a case undefined: a value nested in a flat style is JSON text; `null` and empty lists and objects are not written at all.
 */
import type { ParameterStyle } from '../openapi/operation.ts';
import { Unwritable } from './input-fault.ts';
import type { TextEncoding } from './percent-encoding.ts';

/** `undefined`: nothing is to be written. `name` is already encoded. */
export type StyleWriter = (name: string, value: unknown) => string | undefined;

interface StyleRule {
  /** Before the first. */
  readonly first: string;
  /** Between what `explode` pulls apart. */
  readonly separator: string;
  /** Between what stands together. */
  readonly delimiter: string;
  /** Whether `name=` is written. */
  readonly named: boolean;
  /** Matrix alone leaves the `=` out before an empty value. */
  readonly bareWhenEmpty?: boolean;
}

const STYLES: Readonly<Record<Exclude<ParameterStyle, 'deepObject'>, StyleRule>> = {
  simple: { first: '', separator: ',', delimiter: ',', named: false },
  label: { first: '.', separator: '.', delimiter: ',', named: false },
  matrix: { first: ';', separator: ';', delimiter: ',', named: true, bareWhenEmpty: true },
  form: { first: '', separator: '&', delimiter: ',', named: true },
  spaceDelimited: { first: '', separator: '&', delimiter: '%20', named: true },
  pipeDelimited: { first: '', separator: '&', delimiter: '%7C', named: true },
  tabDelimited: { first: '', separator: '&', delimiter: '%09', named: true },
  cookie: { first: '', separator: '; ', delimiter: ',', named: true },
};

const MAX_DEPTH = 32;

export interface StyleOptions {
  readonly style: ParameterStyle;
  readonly explode: boolean;
  /** For values and for the keys of objects. */
  readonly encode: TextEncoding;
}

/** The writer of a style. It throws {@link Unwritable} for what no style can write. */
export function styleWriter({ style, explode, encode }: StyleOptions): StyleWriter {
  if (style === 'deepObject') return (name, value) => writeDeep(name, value, encode);
  const rule = STYLES[style];
  return (name, value) => {
    if (typeof value === 'string') return writeScalar(rule, name, encode(value));
    if (value === null || value === undefined) return undefined;
    if (typeof value !== 'object') return writeScalar(rule, name, encode(scalarText(value)));
    return Array.isArray(value)
      ? writeList(
          rule,
          name,
          value.filter(isGiven).map((item) => encode(scalarText(item))),
          explode,
        )
      : writeObject(rule, name, entriesOf(value, encode), explode);
  };
}

/** Text of a scalar, JSON of anything else. @throws Unwritable for what JSON cannot say either */
export function scalarText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (!Number.isFinite(value)) throw new Unwritable('must be a finite number');
      return String(value);
    default:
      return jsonText(value);
  }
}

/** @throws Unwritable where there is no JSON text: cycles, functions, bigint */
export function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new Unwritable('cannot be written as JSON', { cause: error });
  }
  // The types say string, but JSON.stringify answers undefined for functions and symbols.
  if ((text as string | undefined) === undefined) throw new Unwritable('cannot be written as JSON');
  return text;
}

function writeScalar(rule: StyleRule, name: string, text: string): string {
  if (!rule.named) return rule.first + text;
  return rule.bareWhenEmpty === true && text === '' ? rule.first + name : `${rule.first}${name}=${text}`;
}

function writeList(rule: StyleRule, name: string, items: readonly string[], explode: boolean): string | undefined {
  if (items.length === 0) return undefined;
  if (!explode) return writeScalar(rule, name, items.join(rule.delimiter));
  return rule.first + items.map((item) => (rule.named ? `${name}=${item}` : item)).join(rule.separator);
}

function writeObject(
  rule: StyleRule,
  name: string,
  entries: readonly (readonly [string, string])[],
  explode: boolean,
): string | undefined {
  if (entries.length === 0) return undefined;
  if (!explode) return writeScalar(rule, name, entries.flat().join(rule.delimiter));
  return rule.first + entries.map(([key, text]) => `${key}=${text}`).join(rule.separator);
}

function entriesOf(value: object, encode: TextEncoding): readonly (readonly [string, string])[] {
  return Object.entries(value)
    .filter(([, item]) => isGiven(item))
    .map(([key, item]) => [encode(key), encode(scalarText(item))]);
}

/** `filter[a][b]=1`, lists with their index: `ids[0]=1`. OpenAPI defines the first level only; further ones continue it as qs, PHP and Stripe read it. */
function writeDeep(name: string, value: unknown, encode: TextEncoding): string | undefined {
  const written: string[] = [];
  collectDeep(name, value, 0);
  return written.length === 0 ? undefined : written.join('&');

  function collectDeep(prefix: string, nested: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw new Unwritable(`must not be nested deeper than ${MAX_DEPTH} levels`);
    if (nested === null || nested === undefined) return;
    if (typeof nested !== 'object') {
      written.push(`${prefix}=${encode(scalarText(nested))}`);
      return;
    }
    for (const [key, item] of Object.entries(nested)) collectDeep(`${prefix}%5B${encode(key)}%5D`, item, depth + 1);
  }
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}
