/**
 * A token's record as JSON text and back. Members that this program does not know stay as they are; what a person removed by hand comes back in the
 * shape that the program expects. Read records are frozen: they are shared by all who read the same text.
 */
import type { TokenRecord } from '../../../src/token/token-record.ts';
import { instantFromStored, instantToStored } from './instant.ts';

/** Where instants stand. `*` is any key. */
const INSTANTS: readonly (readonly string[])[] = [
  ['at', 'issued_at'],
  ['at', 'expires_at'],
  ['at', 'soft_at'],
  ['at', 'hard_at'],
  ['rt', 'expires_at'],
  ['rt', 'doubt', 'at'],
  ['rt', 'refused', 'at'],
  ['lease', 'until'],
  ['fail', '*', 'at'],
  ['fail', '*', 'next_at'],
  ['rejected', 'at'],
  ['rejected', 'next_at'],
  ['created_at'],
  ['updated_at'],
  ['edited_at'],
];

type Node = Record<string, unknown>;
type Convert = (value: unknown) => unknown;

export function encodeToken(record: TokenRecord): string {
  const copy = structuredClone(record) as unknown as Node;
  convertAll(copy, (value) => (typeof value === 'number' ? instantToStored(value) : value));
  return JSON.stringify(copy);
}

/** @param id of the row: what is left of a record that a person has thinned out belongs to it */
export function decodeToken(id: string, text: string): TokenRecord {
  const node = JSON.parse(text) as Node;
  convertAll(node, instantFromStored);
  const { at } = node;
  const record = { ver: 0, epoch: 0, rev: 0, cfg_ver: 0, ...node, id, at: { id: '', ...(isNode(at) ? at : {}) } };
  return deepFreeze(record) as unknown as TokenRecord;
}

function convertAll(node: Node, convert: Convert): void {
  for (const path of INSTANTS) convertAt(node, path, 0, convert);
}

function convertAt(node: Node, path: readonly string[], depth: number, convert: Convert): void {
  const step = path[depth] ?? '';
  for (const key of step === '*' ? Object.keys(node) : Object.hasOwn(node, step) ? [step] : []) {
    const value = node[key];
    if (depth + 1 < path.length) {
      if (isNode(value)) convertAt(value, path, depth + 1, convert);
      continue;
    }
    const converted = convert(value);
    if (converted === undefined) Reflect.deleteProperty(node, key);
    else node[key] = converted;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze(value: object): object {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  return Object.freeze(value);
}
