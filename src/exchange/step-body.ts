/** The body of a step's request: form, JSON, XML or text. */
import { EverbearerError } from '../errors.ts';
import { isObject } from '../kernel/json.ts';
import { escapeXml } from '../kernel/redact.ts';
import { renderText, type Template, type TemplateScope } from '../kernel/template.ts';
import type { ClientAuthAddition } from './client-authentication.ts';
import type { CompiledStep, NamedTemplate } from './compiled-exchange.ts';
import { needed } from './needed.ts';
import type { StepContext } from './step-context.ts';
import { formEncoded, withAddedParameters, type Parameter, type ParameterValue } from './step-parameters.ts';
import { renderTree } from './template-tree.ts';

export interface StepBody {
  readonly contentType: string;
  /** What is asked for in return. */
  readonly accept: string;
  readonly text: string;
}

/** @throws EverbearerError `configuration_missing` for a value that is missing in `xml` or `text`, or a parameter that has no place */
export function renderBody(
  compiled: CompiledStep,
  context: StepContext,
  auth: ClientAuthAddition,
  scope: TemplateScope,
): StepBody | undefined {
  const { step, form, json, xml, text } = compiled;
  const withAdded = (base: readonly Parameter[]): readonly Parameter[] =>
    withAddedParameters(base, step, context.inputs, auth);
  if (form !== undefined) return formBody(withAdded(renderPairs(form, scope)));
  if (json !== undefined) return jsonBody(needed(renderTree(json, scope), 'the JSON body'), withAdded);
  if (withAdded([]).length > 0) throw noPlace();
  if (xml !== undefined) return textBody('application/xml', xml, scope, escapeXml);
  return text === undefined ? undefined : textBody('text/plain', text, scope);
}

/** Name and value of each pair that renders to something. */
export function renderPairs(
  templates: readonly NamedTemplate[],
  scope: TemplateScope,
): readonly (readonly [string, string])[] {
  return templates.flatMap(([name, template]) => {
    const rendered = renderText(template, scope);
    return 'missing' in rendered || rendered.value === '' ? [] : [[name, rendered.value] as const];
  });
}

function formBody(parameters: readonly Parameter[]): StepBody {
  return {
    contentType: 'application/x-www-form-urlencoded',
    accept: 'application/json',
    text: formEncoded(parameters),
  };
}

function jsonBody(value: unknown, withAdded: (base: readonly Parameter[]) => readonly Parameter[]): StepBody {
  return {
    contentType: 'application/json',
    accept: 'application/json',
    text: JSON.stringify(isObject(value) ? { ...value, ...addedMembers(value, withAdded) } : value),
  };
}

/** What is added to a JSON object, a repeated parameter as a list. */
function addedMembers(
  value: Readonly<Record<string, unknown>>,
  withAdded: (base: readonly Parameter[]) => readonly Parameter[],
): Readonly<Record<string, ParameterValue | readonly ParameterValue[]>> {
  const base = Object.entries(value).map(
    ([name, member]) => [name, typeof member === 'string' ? member : JSON.stringify(member)] as const,
  );
  const grouped = Object.groupBy(withAdded(base).slice(base.length), ([name]) => name);
  return Object.fromEntries(
    Object.entries(grouped).map(([name, parameters = []]) => {
      const [first, ...others] = parameters.map(([, item]) => item);
      return [name, first === undefined || others.length > 0 ? parameters.map(([, item]) => item) : first] as const;
    }),
  );
}

function textBody(
  contentType: string,
  template: Template,
  scope: TemplateScope,
  escape?: (text: string) => string,
): StepBody {
  const rendered = renderText(template, scope, escape === undefined ? undefined : (text) => escape(text));
  return { contentType, accept: '*/*', text: needed(rendered, 'the body') };
}

function noPlace(): EverbearerError {
  return new EverbearerError(
    'configuration_missing',
    'The client credentials or parameters have no place: the request has neither a form nor a JSON object as its body.',
    {
      hint: 'Credentials never go into the URL (RFC 6749 §2.3.1): use client_secret_basic, or give the step a "form".',
    },
  );
}
