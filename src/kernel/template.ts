/**
 * Rendering templates over plain data: `{{ inputs.client_id | lower }}`. Values are looked up by own keys only; nothing is evaluated. A value that is
 * absent, null or the empty string is *missing*: what that means (leave a parameter out, refuse) is the caller's to say.
 */
import { EverbearerError } from '../errors.ts';
import { own } from './json.ts';
import { asText, type FilterTable } from './template-filters.ts';
import type { Expression, FilterCall, Operand, Template } from './template-syntax.ts';

export { compileTemplate, type Template } from './template-syntax.ts';

export interface TemplateScope {
  /** By first name of a path: `inputs`, `steps`, `token`, `now`, … */
  readonly values: Readonly<Record<string, unknown>>;
  readonly filters: FilterTable;
}

/** What rendering gives; `missing` is the path of the first value that is not there. */
export type Rendered<T> = { readonly value: T } | { readonly missing: string };

/** Gets each rendered value with the text before it; gives what stands in the result (URL encoding, XML escaping). */
export type Escape = (text: string, before: string, expression: Expression) => string;

/**
 * Renders to text.
 * @throws EverbearerError `configuration_missing` for a value that a filter can't take; `bad_request` for an unknown filter
 */
export function renderText(template: Template, scope: TemplateScope, escape?: Escape): Rendered<string> {
  let text = '';
  for (const part of template.parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const result = evaluate(part, scope);
    if ('missing' in result) return result;
    const value = asText(result.value);
    text += escape === undefined ? value : escape(value, text, part);
  }
  return { value: text };
}

/** Renders to a value: a template that is one expression keeps its type (a number stays a number), everything else is text. */
export function renderValue(template: Template, scope: TemplateScope): Rendered<unknown> {
  const [only] = template.parts;
  if (template.parts.length === 1 && only !== undefined && typeof only !== 'string') return evaluate(only, scope);
  return renderText(template, scope);
}

function evaluate(expression: Expression, scope: TemplateScope): Rendered<unknown> {
  return expression.filters.reduce(
    (value, filter) => applyFilter(value, filter, scope),
    lookUp(expression.operand, scope),
  );
}

function lookUp(operand: Operand, scope: TemplateScope): Rendered<unknown> {
  if (operand.kind === 'literal') return { value: operand.value };
  const value = operand.segments.reduce<unknown>(own, scope.values);
  return value === undefined || value === null || value === '' ? { missing: operand.path } : { value };
}

function applyFilter(input: Rendered<unknown>, filter: FilterCall, scope: TemplateScope): Rendered<unknown> {
  const args = filter.args.map((arg) => lookUp(arg, scope));
  if (filter.name === 'default') return 'missing' in input ? (args[0] ?? { value: '' }) : input;
  if ('missing' in input) return input;
  const values: unknown[] = [];
  for (const arg of args) {
    if ('missing' in arg) return arg;
    values.push(arg.value);
  }
  const run = Object.hasOwn(scope.filters, filter.name) ? scope.filters[filter.name] : undefined;
  if (run === undefined) throw unknownFilter(filter.name);
  return { value: run(input.value, values) };
}

function unknownFilter(name: string): EverbearerError {
  return new EverbearerError('bad_request', `There is no template filter "${name}".`, {
    hint: 'docs/exchanges.md lists the filters.',
  });
}
