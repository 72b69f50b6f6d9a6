/** Whether a text has the format that its schema names: those that task validation checks, checked the same way. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { CHECKED_FORMATS } from '../task/schema-keywords.ts';

const AJV = new Ajv2020({ formats: Object.fromEntries(CHECKED_FORMATS.map((name) => [name, fullFormats[name]])) });

const checks = new Map<string, ValidateFunction>();

/** Other formats, and those for numbers, say nothing about a text. */
export function hasTextFormat(text: string, format: unknown): boolean {
  const name = CHECKED_FORMATS.find((each) => each === format);
  if (name === undefined) return true;
  const check = checks.get(name) ?? AJV.compile({ type: 'string', format: name });
  checks.set(name, check);
  return check(text);
}
