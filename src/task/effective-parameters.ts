/** The parameters that a task's input can give: the document's, without those that OpenAPI or HTTP forbid, with those that its path implies. */
import type { Operation, Parameter } from '../openapi/operation.ts';
import { isConnectionField, isDescribedElsewhere } from './header-field.ts';
import { readTemplate, templateNames } from './path-template.ts';

/**
 * - Every `{name}` of the path is a required path parameter, declared or not; declared ones that the path doesn't have may be given, to no effect.
 * - `Accept` and `Content-Type` are left out; a declared `Authorization` is never demanded or checked (see `header-field.ts`).
 * - Declared fields of the connection (`Host`, `Content-Length`, …) may be given, to no effect: the HTTP client knows better.
 */
export function effectiveParameters({ path, parameters }: Operation): readonly Parameter[] {
  const inPath = templateNames(readTemplate({ path, parameters }));
  const declared = firstOfEach(parameters.filter(isUsable)).map((parameter) => relaxed(parameter, inPath));
  const missing = inPath.filter(
    (name) => !declared.some((parameter) => parameter.in === 'path' && parameter.name === name),
  );
  return [...declared, ...missing.map(impliedParameter)];
}

function isUsable({ in: location, name }: Parameter): boolean {
  if (location !== 'header') return true;
  const field = name.toLowerCase();
  return !isDescribedElsewhere(field) || field === 'authorization';
}

/** Of two of the same name and place the first counts. */
function firstOfEach(parameters: readonly Parameter[]): readonly Parameter[] {
  const first = new Map<string, Parameter>();
  for (const parameter of parameters) {
    const { in: location, name } = parameter;
    const key = `${location} ${location === 'header' ? name.toLowerCase() : name}`;
    if (!first.has(key)) first.set(key, parameter);
  }
  return [...first.values()];
}

function relaxed(parameter: Parameter, inPath: readonly string[]): Parameter {
  if (parameter.in === 'path') return { ...parameter, required: inPath.includes(parameter.name) };
  const field = parameter.name.toLowerCase();
  if (parameter.in !== 'header' || !(field === 'authorization' || isConnectionField(field))) return parameter;
  const { schema: _schema, contentType: _contentType, ...rest } = parameter;
  return { ...rest, required: false };
}

function impliedParameter(name: string): Parameter {
  return { name, in: 'path', required: true, style: 'simple', explode: false, allowReserved: false };
}
