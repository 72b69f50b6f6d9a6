/**
 * Whether a document is built as the standard says: fields that are missing, unknown or of another type. Warnings only, an import never depends on
 * them. Why not the official JSON Schemas: docs/decisions/structure-check.md.
 */
import { isObject } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { MAX_LISTED, withCount } from './finding-limit.ts';
import { createFinding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import type { Finding } from './import-report.ts';
import { referenceOf } from './references.ts';
import type { SpecFamily } from './spec-version.ts';
import { SHAPES_2, SHAPES_3, type ShapeTexts } from './structure-shapes.ts';

interface Field {
  readonly type: string;
  readonly container: 'one' | 'list' | 'map';
  readonly required: boolean;
}

type Shape = ReadonlyMap<string, Field>;
type Shapes = ReadonlyMap<string, Shape>;

interface Checking {
  readonly shapes: Shapes;
  readonly path: (string | number)[];
  /** The first ones. */
  readonly findings: Finding[];
  /** Of all there are. */
  count: number;
}

export function checkStructure(document: unknown, family: SpecFamily): readonly Finding[] {
  const checking: Checking = { shapes: shapesOf(family), path: [], findings: [], count: 0 };
  checkType(document, 'document', checking);
  return withCount(checking.findings, checking.count, 'places that are not as the standard says');
}

/** `text!3.1@3.0`: type, up to which version it is required, since when it is known. */
const FIELD = /^([[{]?)(\w+)[\]}]?(!?)([\d.]*)(?:@([\d.]+))?$/;

/** Families are compared as texts: `2.0` < `3.0` < `3.1` < `3.2`. */
function shapesOf(family: SpecFamily): Shapes {
  const texts: ShapeTexts = family === '2.0' ? SHAPES_2 : SHAPES_3;
  return new Map(Object.entries(texts).map(([name, fields]) => [name, shapeOf(fields, family)]));
}

function shapeOf(fields: Readonly<Record<string, string>>, family: SpecFamily): Shape {
  const shape = new Map<string, Field>();
  for (const [name, text] of Object.entries(fields)) {
    const [, bracket = '', type = 'any', required = '', until = '', since = '2.0'] = FIELD.exec(text) ?? [];
    if (family < since) continue;
    const container = bracket === '[' ? 'list' : bracket === '{' ? 'map' : 'one';
    shape.set(name, { type, container, required: required !== '' && (until === '' || family <= until) });
  }
  return shape;
}

function checkField(value: unknown, { type, container }: Field, checking: Checking): void {
  if (container === 'one') checkType(value, type, checking);
  else if (container === 'list') checkList(value, type, checking);
  else if (!isObject(value)) note('field_invalid', 'should be an object', checking);
  else {
    for (const key of Object.keys(value)) if (!key.startsWith('x-')) within(key, value[key], type, checking);
  }
}

function checkList(value: unknown, type: string, checking: Checking): void {
  if (!Array.isArray(value)) {
    note('field_invalid', 'should be a list', checking);
    return;
  }
  for (let index = 0; index < value.length; index += 1) within(index, value[index], type, checking);
}

function within(segment: string | number, value: unknown, type: string, checking: Checking): void {
  checking.path.push(segment);
  checkType(value, type, checking);
  checking.path.pop();
}

function checkType(value: unknown, type: string, checking: Checking): void {
  if (type === 'any') return;
  if (type === 'text') expect(typeof value === 'string', 'should be a text', checking);
  else if (type === 'flag') expect(typeof value === 'boolean', 'should be true or false', checking);
  else if (type === 'texts') checkList(value, 'text', checking);
  else if (!isObject(value)) note('field_invalid', 'should be an object', checking);
  else if (type === 'pathItem' || referenceOf(value) === undefined)
    checkObject(value, checking.shapes.get(type), checking);
}

function checkObject(value: Readonly<Record<string, unknown>>, shape: Shape | undefined, checking: Checking): void {
  if (shape === undefined) return;
  for (const key of Object.keys(value)) {
    const field = shape.get(key);
    checking.path.push(key);
    if (field !== undefined) checkField(value[key], field, checking);
    else if (!key.startsWith('x-')) note('field_unknown', 'is not a field of the standard here', checking);
    checking.path.pop();
  }
  for (const [name, field] of shape) {
    if (field.required && !Object.hasOwn(value, name)) note('field_missing', `should have a field "${name}"`, checking);
  }
  if (value['in'] === 'path' && value['required'] !== true && shape.has('required')) {
    note('field_missing', 'should have "required: true", as every path parameter', checking);
  }
}

function expect(holds: boolean, why: string, checking: Checking): void {
  if (!holds) note('field_invalid', why, checking);
}

function note(code: FindingCode, why: string, checking: Checking): void {
  const { path, findings } = checking;
  checking.count += 1;
  if (findings.length === MAX_LISTED) return;
  const pointer = formatPointer(path);
  findings.push(createFinding(code, `${pointer === '' ? 'The document' : pointer} ${why}.`, { pointer }));
}
