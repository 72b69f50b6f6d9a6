/** The parameters that a task's input can give: the document's, without those that OpenAPI or HTTP forbid, with those that its path implies. */
import type { Operation, Parameter } from '../openapi/operation.ts';
import { isConnectionField, isDescribedElsewhere } from './header-field.ts';
import { templateNames } from './path-plan.ts';

/**
 * - Every `{name}` of the path is a required path parameter, declared or not; declared ones that the path doesn't have are left out.
 * - `Accept`, `Content-Type` and fields of the connection (`Host`, `Content-Length`, …) are left out.
 * - A declared `Authorization` is never demanded or checked (see `header-field.ts`).
 */
export function effectiveParameters({ path, parameters }: Operation): readonly Parameter[] {
  const inPath = templateNames(path);
  const declared = parameters
    .filter((parameter, index) => isUsable(parameter, inPath) && isFirst(parameters, index))
    .map(relaxed);
  const missing = inPath.filter(
    (name) => !declared.some((parameter) => parameter.in === 'path' && parameter.name === name),
  );
  return [...declared, ...missing.map(impliedParameter)];
}

function isUsable({ in: location, name }: Parameter, inPath: readonly string[]): boolean {
  if (location === 'path') return inPath.includes(name);
  if (location !== 'header') return true;
  const field = name.toLowerCase();
  return !isConnectionField(field) && (!isDescribedElsewhere(field) || field === 'authorization');
}

/** Of two of the same name and place the first counts. */
function isFirst(parameters: readonly Parameter[], index: number): boolean {
  const key = keyOf(parameters[index]);
  return parameters.findIndex((parameter) => keyOf(parameter) === key) === index;
}

function keyOf(parameter: Parameter | undefined): string {
  if (parameter === undefined) return '';
  return `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
}

function relaxed(parameter: Parameter): Parameter {
  if (parameter.in === 'path') return parameter.required ? parameter : { ...parameter, required: true };
  if (parameter.in !== 'header' || parameter.name.toLowerCase() !== 'authorization') return parameter;
  const { schema: _schema, contentType: _contentType, ...rest } = parameter;
  return { ...rest, required: false };
}

function impliedParameter(name: string): Parameter {
  return { name, in: 'path', required: true, style: 'simple', explode: false, allowReserved: false };
}
