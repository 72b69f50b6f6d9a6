/** Records as JSON text, instants as people read them. Members that this program does not know stay as they are. */
import { instantFromStored, instantToStored } from './instant.ts';

/** Where instants stand in a record. `*` is any key. */
export type InstantPaths = readonly (readonly string[])[];

export type RecordNode = Record<string, unknown>;
type Convert = (value: unknown) => unknown;

export function encodeRecord(record: object, instants: InstantPaths): string {
  const copy = structuredClone(record) as RecordNode;
  convertAll(copy, instants, (value) => (typeof value === 'number' ? instantToStored(value) : value));
  return JSON.stringify(copy);
}

/** @param parts members that are left out where they are no objects */
export function decodeRecord(text: string, instants: InstantPaths, parts: readonly string[]): RecordNode {
  const node = JSON.parse(text) as RecordNode;
  for (const part of parts) if (!isNode(node[part])) Reflect.deleteProperty(node, part);
  convertAll(node, instants, instantFromStored);
  return node;
}

function convertAll(node: RecordNode, instants: InstantPaths, convert: Convert): void {
  for (const path of instants) convertAt(node, path, 0, convert);
}

function convertAt(node: RecordNode, path: readonly string[], depth: number, convert: Convert): void {
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

function isNode(value: unknown): value is RecordNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
