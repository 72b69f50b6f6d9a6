/** Where an exchange's requests go, as far as its document and inputs say: what an integration's list of hosts is made of. */
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import { renderText, type Template, type TemplateScope } from '../kernel/template.ts';
import { compiledExchange, type CompiledStep } from './compiled-exchange.ts';
import type { Exchange } from './exchange.ts';
import { scopeOf, withDefaults } from './step-context.ts';
import { renderTree } from './template-tree.ts';

/**
 * The origins of every step's URL. One that comes out of another step's answer (a discovery) is not among them: a person names it in `egress`.
 */
export function stepOrigins(exchange: Exchange, inputs: Readonly<Record<string, Json>>): readonly string[] {
  const { phases } = compiledExchange(exchange);
  const given = withDefaults(inputs, exchange.inputs);
  const steps = [...phases.acquire, ...phases.refresh, ...phases.end];
  return [...new Set(steps.flatMap((step) => originOf(step, given)))];
}

function originOf(step: CompiledStep, inputs: Readonly<Record<string, Json>>): readonly string[] {
  const context = { inputs, steps: {}, token: {}, now: 0, uuid: '' };
  const values: Record<string, unknown> = {};
  for (const [name, tree] of step.values) {
    const rendered = attempt(() => renderTree(tree, scopeOf(context, values)));
    if (rendered !== undefined && !('missing' in rendered)) values[name] = rendered.value;
  }
  const text = attempt(() => beginning(step.url, scopeOf(context, values)));
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? [url.origin] : [];
}

/** The URL up to where its host is complete; what follows may need values that are not there yet. */
function beginning(template: Template, scope: TemplateScope): string | undefined {
  for (let count = 1; count <= template.parts.length; count += 1) {
    const rendered = renderText({ ...template, parts: template.parts.slice(0, count) }, scope);
    if ('missing' in rendered) return undefined;
    const origin = /^https?:\/\/[^/?#]+(?=[/?#])/i.exec(rendered.value)?.[0];
    if (origin !== undefined || count === template.parts.length) return origin ?? rendered.value;
  }
  return undefined;
}

/** A value that can't be made without the world (a signature) is no part of a host. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof EverbearerError) return undefined;
    throw error;
  }
}
