/** A path as documents write it: with `{names}`, and now and then with a query or a fragment of its own. */
import type { Operation } from '../openapi/operation.ts';

export interface PathTemplate {
  readonly pathname: string;
  /** `a=1` of `/x?a=1`. */
  readonly pairs: readonly TemplatePair[];
}

export interface TemplatePair {
  readonly text: string;
  /** The query parameter whose value takes its place, where the operation has one of that name. */
  readonly replacedBy?: string;
}

/**
 * Fragments only tell operations of one path apart (`/items#list`) and are left out, as are pairs that repeat a query parameter without a value of their
 * own (`?id&limit={limit}`).
 */
export function readTemplate({ path, parameters }: Pick<Operation, 'path' | 'parameters'>): PathTemplate {
  const template = path.split('#', 1)[0] ?? '';
  const start = template.indexOf('?');
  if (start === -1) return { pathname: template, pairs: [] };
  const declared = new Set(parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name));
  const pairs = template.slice(start + 1).split('&');
  return { pathname: template.slice(0, start), pairs: pairs.flatMap((text) => readPair(text, declared)) };
}

function readPair(text: string, declared: ReadonlySet<string>): readonly TemplatePair[] {
  const [name = '', ...rest] = text.split('=');
  if (text === '') return [];
  if (!declared.has(name)) return [{ text }];
  const value = rest.join('=');
  return value === '' || value.includes('{') ? [] : [{ text, replacedBy: name }];
}

/** Literal text and names in turn: every second part is a name. */
export function templateParts(text: string): readonly string[] {
  return text.split(/\{([^{}]*)\}/);
}

/** The names that a request needs a value for, each once. */
export function templateNames({ pathname, pairs }: PathTemplate): readonly string[] {
  const names = [pathname, ...pairs.map(({ text }) => text)].flatMap((text) =>
    templateParts(text).filter((_part, index) => index % 2 === 1),
  );
  return [...new Set(names)];
}
