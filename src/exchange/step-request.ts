/** From a step to the parts of one HTTP request. Pure; nothing is sent here. */
import { renderText, type TemplateScope } from '../kernel/template.ts';
import { clientAuthenticationOf, type ClientAuthAddition } from './client-authentication.ts';
import type { CompiledStep, NamedTemplate } from './compiled-exchange.ts';
import { headerValue } from './header-value.ts';
import { needed } from './needed.ts';
import { renderBody, renderPairs, type StepBody } from './step-body.ts';
import { scopeOf, type StepContext } from './step-context.ts';
import { renderUrl } from './step-url.ts';
import { renderTree } from './template-tree.ts';

export interface StepRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Builds the request of a step. In `form`, `query` and `json` a value that is missing is left out (RFC 6749 §3.2); in the URL, a header, `xml` and `text` it
 * is an error that names it.
 * @throws EverbearerError `configuration_missing`, with `details.input` where an input is the cause
 */
export function buildStepRequest(compiled: CompiledStep, context: StepContext): StepRequest {
  const scope = scopeOf(context, renderValues(compiled, context));
  const auth = authenticationOf(compiled, context);
  const body = renderBody(compiled, context, auth, scope);
  return {
    method: compiled.step.method ?? 'POST',
    url: needed(renderUrl(compiled.url, renderPairs(compiled.query, scope), scope), 'the URL'),
    headers: headersOf(renderHeaders(compiled.headers, scope), auth, body),
    ...(body === undefined ? {} : { body: body.text }),
  };
}

function authenticationOf(compiled: CompiledStep, context: StepContext): ClientAuthAddition {
  if (compiled.step.authenticate === undefined) return {};
  return clientAuthenticationOf(context.clientAuth, context.inputs)(context.inputs);
}

function renderValues(compiled: CompiledStep, context: StepContext): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, tree] of compiled.values) {
    const rendered = renderTree(tree, scopeOf(context, values));
    if (!('missing' in rendered)) values[name] = rendered.value;
  }
  return values;
}

/** A value that renders to the empty string (`| default('')`) is left out. */
function renderHeaders(templates: readonly NamedTemplate[], scope: TemplateScope): Readonly<Record<string, string>> {
  const rendered = templates.map(([name, template]) => {
    const value = headerValue(name, needed(renderText(template, scope), `the header ${name}`));
    return [name.toLowerCase(), value] as const;
  });
  return Object.fromEntries(rendered.filter(([, value]) => value !== ''));
}

function headersOf(
  headers: Readonly<Record<string, string>>,
  auth: ClientAuthAddition,
  body: StepBody | undefined,
): Readonly<Record<string, string>> {
  return {
    accept: body?.accept ?? 'application/json',
    ...(body === undefined ? {} : { 'content-type': body.contentType }),
    ...headers,
    ...auth.headers,
  };
}
