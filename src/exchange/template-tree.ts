/** JSON with templates in its strings: a step's `json` body and `values`, compiled once and rendered by structure, so that no value can break out of its string. */
import type { Json } from '../kernel/json.ts';
import { compileTemplate, renderValue, type Rendered, type Template, type TemplateScope } from '../kernel/template.ts';

export type TemplateTree =
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'literal'; readonly value: number | boolean | null }
  | { readonly kind: 'list'; readonly items: readonly TemplateTree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, TemplateTree])[] };

/** @throws EverbearerError `bad_request` for a template that can't be read */
export function compileTree(json: Json): TemplateTree {
  if (typeof json === 'string') return { kind: 'template', template: compileTemplate(json) };
  if (typeof json !== 'object' || json === null) return { kind: 'literal', value: json };
  if (isList(json)) return { kind: 'list', items: json.map(compileTree) };
  return { kind: 'object', members: Object.entries(json).map(([key, value]) => [key, compileTree(value)] as const) };
}

/** Every template of a tree. */
export function templatesOf(tree: TemplateTree): readonly Template[] {
  switch (tree.kind) {
    case 'template':
      return [tree.template];
    case 'literal':
      return [];
    case 'list':
      return tree.items.flatMap(templatesOf);
    case 'object':
      return tree.members.flatMap(([, member]) => templatesOf(member));
  }
}

/** A member or item that renders to nothing is left out; the whole is `missing` only where it is one template. */
export function renderTree(tree: TemplateTree, scope: TemplateScope): Rendered<unknown> {
  switch (tree.kind) {
    case 'template':
      return renderValue(tree.template, scope);
    case 'literal':
      return { value: tree.value };
    case 'list':
      return {
        value: tree.items.map((item) => renderTree(item, scope)).flatMap((r) => ('missing' in r ? [] : [r.value])),
      };
    case 'object': {
      const members = tree.members.map(([key, member]) => [key, renderTree(member, scope)] as const);
      return { value: Object.fromEntries(members.flatMap(([key, r]) => ('missing' in r ? [] : [[key, r.value]]))) };
    }
  }
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
