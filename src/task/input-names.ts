/** The names that a task's input may use: the groups' own, and those that may stand at the top because only one parameter has them. */
import type { Parameter } from '../openapi/operation.ts';
import { groupOf, type InputGroup } from './parameter-writer.ts';

export interface ParameterName {
  readonly group: InputGroup;
  /** As declared. */
  readonly name: string;
}

export interface InputNames {
  /** By group: accepted spelling → declared one. Header names are looked up in lower case. */
  readonly groups: Readonly<Record<InputGroup, ReadonlyMap<string, string>>>;
  /** At the top; several of one name are ambiguous there. Header names also in lower case. */
  readonly top: ReadonlyMap<string, readonly ParameterName[]>;
  /** A 3.2 `querystring` parameter: the group `query` is its value. */
  readonly wholeQuery?: string;
  readonly takesBody: boolean;
}

export const INPUT_GROUPS: readonly InputGroup[] = ['path', 'query', 'header', 'cookie'];

export function inputNames(parameters: readonly Parameter[], takesBody: boolean): InputNames {
  const names = parameters.map((parameter) => ({ group: groupOf(parameter.in), name: parameter.name }));
  const top = new Map<string, readonly ParameterName[]>();
  for (const entry of names) top.set(entry.name, [...(top.get(entry.name) ?? []), entry]);
  for (const entry of names.filter(({ group }) => group === 'header')) {
    const field = entry.name.toLowerCase();
    if (!top.has(field)) top.set(field, [entry]);
  }
  const wholeQuery = parameters.find((parameter) => parameter.in === 'querystring')?.name;
  return {
    ...(wholeQuery === undefined ? {} : { wholeQuery }),
    groups: {
      path: spellings(names, 'path'),
      query: spellings(names, 'query'),
      header: spellings(names, 'header'),
      cookie: spellings(names, 'cookie'),
    },
    top,
    takesBody,
  };
}

function spellings(names: readonly ParameterName[], wanted: InputGroup): ReadonlyMap<string, string> {
  const inGroup = names.filter(({ group }) => group === wanted);
  return new Map(inGroup.map(({ name }) => [wanted === 'header' ? name.toLowerCase() : name, name]));
}
