/** Reading one value out of an answer: by exactly one way, at exactly one place; never by searching (a search finds the wrong token some day). */
import { own } from '../kernel/json.ts';
import { valueAt } from '../kernel/json-pointer.ts';
import { jwtPayload } from '../kernel/jwt-payload.ts';
import { firstHeader, type Answer } from './answer.ts';
import type { Extraction } from './exchange.ts';
import type { JsonpathQuery } from './foreign-formats.ts';

export type Reading = Omit<Extraction, 'from'>;

/** The body's data, for pointers; `undefined` for HTML, text and nothing. */
export function dataOf(answer: Answer): unknown {
  return 'data' in answer.body ? answer.body.data : undefined;
}

/**
 * The value, or `undefined` where there is none.
 * @param jsonpath given where any reading of the exchange needs it
 */
export function readValue(reading: Reading, answer: Answer, jsonpath?: JsonpathQuery): unknown {
  const value = readPlace(reading, answer, jsonpath);
  if (reading.claim === undefined) return value;
  return typeof value === 'string' ? valueAt(jwtPayload(value), reading.claim) : undefined;
}

function readPlace(reading: Reading, answer: Answer, jsonpath: JsonpathQuery | undefined): unknown {
  if (reading.pointer !== undefined) return valueAt(dataOf(answer), reading.pointer);
  if (reading.jsonpath !== undefined) return single(jsonpath?.(reading.jsonpath, dataOf(answer)) ?? []);
  if (reading.header !== undefined) return firstHeader(answer.headers, reading.header);
  if (reading.cookie !== undefined) return readCookie(reading.cookie, reading, answer);
  return answer.body.kind === 'html' ? undefined : answer.text.trim();
}

/** A query that selects several values says nothing. */
function single(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : undefined;
}

/** `Set-Cookie` of that name, without its attributes; a cookie that is being deleted is none. */
function readCookie(name: string, reading: Reading, answer: Answer): string | undefined {
  const cookies = setCookies(answer).filter((cookie) =>
    reading.contains === true ? cookie.name.includes(name) : cookie.name === name,
  );
  const names = new Set(cookies.map((cookie) => cookie.name));
  const last = cookies.at(-1);
  if (last === undefined || names.size > 1) return undefined;
  return reading.pair === true ? `${last.name}=${last.value}` : last.value;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
}

/** RFC 6265 §5.2, as much of it as a client needs that keeps one value. */
function setCookies(answer: Answer): readonly Cookie[] {
  const header = own(answer.headers, 'set-cookie');
  const lines: readonly unknown[] = Array.isArray(header) ? header : [header];
  return lines.flatMap((line) => {
    if (typeof line !== 'string') return [];
    const [pair = '', ...attributes] = line.split(';');
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*"?([^"]*?)"?\s*$/.exec(pair) ?? [];
    const deleted = attributes.some((attribute) => /^\s*max-age\s*=\s*(?:0|-\d+)\s*$/i.test(attribute));
    return name === undefined || value === undefined || value === '' || deleted ? [] : [{ name, value }];
  });
}

/** Text of a value that is to be a token, a scope, an output: text or a number that JSON carries exactly; `undefined` for the rest and for nothing. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** How a reading is told to a person: `/access_token`, `the header X-Token`. */
export function describeReading(reading: Reading): string {
  const place =
    reading.pointer ??
    reading.jsonpath ??
    (reading.header === undefined ? undefined : `the header ${reading.header}`) ??
    (reading.cookie === undefined ? 'the body' : `the cookie ${reading.cookie}`);
  return reading.claim === undefined ? place : `the claim ${reading.claim} of ${place}`;
}

/** Whether a reading looks into data, so that an answer without any is not what was asked for. */
export function needsData(reading: Reading): boolean {
  return reading.pointer !== undefined || reading.jsonpath !== undefined || reading.text === true;
}
