/** An exchange with its templates read: made once for each document and kept as long as the document is. */
import { compileTemplate, type Template } from '../kernel/template.ts';
import type { Application, Exchange, Step } from './exchange.ts';
import { compileTree, templatesOf, type TemplateTree } from './template-tree.ts';

export type PhaseName = 'acquire' | 'refresh' | 'end';

export type NamedTemplate = readonly [name: string, template: Template];

export interface CompiledStep {
  readonly step: Step;
  readonly url: Template;
  readonly values: readonly (readonly [name: string, tree: TemplateTree])[];
  readonly headers: readonly NamedTemplate[];
  readonly query: readonly NamedTemplate[];
  readonly form?: readonly NamedTemplate[];
  readonly json?: TemplateTree;
  readonly xml?: Template;
  readonly text?: Template;
  /** Every path that the step's templates use. */
  readonly paths: ReadonlySet<string>;
}

export interface CompiledApplication {
  readonly application: Application;
  readonly template: Template;
}

export interface CompiledExchange {
  readonly exchange: Exchange;
  readonly phases: Readonly<Record<PhaseName, readonly CompiledStep[]>>;
  readonly apply: readonly CompiledApplication[];
  /** Whether any value of it is read by JSONPath. */
  readonly usesJsonpath: boolean;
}

const compiled = new WeakMap<Exchange, CompiledExchange>();

/** @throws EverbearerError `bad_request` for a template that can't be read; `parseExchange` finds it first, with its place */
export function compiledExchange(exchange: Exchange): CompiledExchange {
  const known = compiled.get(exchange);
  if (known !== undefined) return known;
  const made: CompiledExchange = {
    exchange,
    phases: {
      acquire: exchange.acquire.map(compileStep),
      refresh: (exchange.refresh ?? []).map(compileStep),
      end: (exchange.end ?? []).map(compileStep),
    },
    apply: exchange.apply.map((application) => ({ application, template: compileTemplate(application.value) })),
    usesJsonpath: JSON.stringify(exchange).includes('"jsonpath":'),
  };
  compiled.set(exchange, made);
  return made;
}

/** @throws EverbearerError `bad_request` for a template that can't be read */
export function compileStep(step: Step): CompiledStep {
  const parts = {
    url: compileTemplate(step.url),
    values: Object.entries(step.values ?? {}).map(([name, json]) => [name, compileTree(json)] as const),
    headers: compileRecord(step.headers ?? {}),
    query: compileRecord(step.query ?? {}),
    ...(step.form === undefined ? {} : { form: compileRecord(step.form) }),
    ...(step.json === undefined ? {} : { json: compileTree(step.json) }),
    ...(step.xml === undefined ? {} : { xml: compileTemplate(step.xml) }),
    ...(step.text === undefined ? {} : { text: compileTemplate(step.text) }),
  };
  return { step, ...parts, paths: new Set(allTemplates(parts).flatMap((template) => template.paths)) };
}

function compileRecord(record: Readonly<Record<string, string>>): readonly NamedTemplate[] {
  return Object.entries(record).map(([name, source]) => [name, compileTemplate(source)] as const);
}

/** Every template of a step, for those who check a document. */
export function allTemplates(step: Omit<CompiledStep, 'step' | 'paths'>): readonly Template[] {
  return [
    step.url,
    ...step.values.flatMap(([, tree]) => templatesOf(tree)),
    ...[...step.headers, ...step.query, ...(step.form ?? [])].map(([, template]) => template),
    ...(step.json === undefined ? [] : templatesOf(step.json)),
    ...[step.xml, step.text].filter((template) => template !== undefined),
  ];
}
