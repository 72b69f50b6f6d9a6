/** Sub-documents as people meet them in the database: instants, in fields called `at`, `until` or `…_at`, are dates. */
import { isObject } from '../../../src/kernel/json.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A part of a record as it is stored. */
export function storedPart(part: object): Fields {
  return mapFields(part, (name, value) => {
    if (typeof value === 'number' && isInstant(name)) return new Date(value);
    return isObject(value) ? storedPart(value) : value;
  });
}

/** A stored part as the program knows it. */
export function readPart(part: object): Fields {
  return mapFields(part, (name, value) => {
    if (isInstant(name)) return epochMs(value);
    return isObject(value) ? readPart(value) : value;
  });
}

/** Also of a text or number that somebody typed; what is no instant at all is as good as absent. */
export function epochMs(value: unknown): number | undefined {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
}

export function isInstant(name: string): boolean {
  return name === 'at' || name === 'until' || name.endsWith('_at');
}

/** A field that is mapped to `undefined` is left out. A plain loop: a read batch maps thousands of fields on the path of every call. */
export function mapFields(part: object, map: (name: string, value: unknown) => unknown): Fields {
  const fields = part as Fields;
  const mapped: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = name === '__proto__' ? undefined : map(name, fields[name]);
    if (value !== undefined) mapped[name] = value;
  }
  return mapped;
}
