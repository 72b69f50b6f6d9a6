/** The operations of a document: what stands under `paths`, path items that are references followed (OpenAPI 3.2 §4.8, §4.9). */
import { isObject, own } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { listField, objectField, standardEntries } from './document-fields.ts';
import { FINDING_CODES } from './finding-codes.ts';
import { createFinding, quoted } from './finding.ts';
import type { Finding } from './import-report.ts';
import { brokenReferenceIssue } from './issue.ts';
import { type References, referenceOf } from './references.ts';
import type { SpecFamily } from './spec-version.ts';

export interface LocatedList {
  readonly values: readonly unknown[];
  readonly pointer: string;
}

/** An operation as it stands in the document. */
export interface LocatedOperation {
  /** Anything: what is no object is refused. */
  readonly value: unknown;
  readonly pointer: string;
  /** As written: lower case for the fixed methods. */
  readonly method: string;
  readonly path: string;
  /** Lists of parameters in the order of their precedence: the path's, then its own. */
  readonly parameters: readonly LocatedList[];
  /** Of the path. */
  readonly servers: readonly unknown[];
}

const METHODS_2 = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const METHODS: Readonly<Record<SpecFamily, ReadonlySet<string>>> = {
  '2.0': new Set(METHODS_2),
  '3.0': new Set([...METHODS_2, 'trace']),
  '3.1': new Set([...METHODS_2, 'trace']),
  '3.2': new Set([...METHODS_2, 'trace', 'query']),
};

/**
 * RFC 9110 §9.1: methods are case-sensitive tokens, and all that are registered or in use are upper case. The fixed ones are written in lower case.
 * CONNECT makes a tunnel and is no request that a task could send.
 */
const METHOD = /^(?!CONNECT$)(?:get|put|post|delete|options|head|patch|trace|query|[!#$%&'*+.^_`|~\dA-Z-]+)$/;

export interface LocatedOperations {
  readonly operations: readonly LocatedOperation[];
  readonly findings: readonly Finding[];
}

/** In the document's order. */
export function findOperations(document: unknown, family: SpecFamily, references: References): LocatedOperations {
  const paths = standardEntries(objectField(document, 'paths')).map(([path, item]) => {
    const pointer = formatPointer(['paths', path]);
    const { layers, broken } = itemLayers(item, pointer, references);
    const [usable, unusable] = methodsOf(layers, family);
    return {
      operations: operationsOf(path, layers, usable),
      findings: [
        ...(broken === undefined ? [] : [createFinding('path_item_unusable', broken, { pointer })]),
        ...unusable.map(unusableMethod),
      ],
    };
  });
  return {
    operations: paths.flatMap(({ operations }) => operations),
    findings: paths.flatMap(({ findings }) => findings),
  };
}

interface Layer {
  readonly item: Readonly<Record<string, unknown>>;
  readonly pointer: string;
}

/** A path item, and behind it the one that its `$ref` leads to; the fields of the first win. */
function itemLayers(
  item: unknown,
  pointer: string,
  references: References,
): { readonly layers: readonly Layer[]; readonly broken?: string } {
  if (item === null) return { layers: [] };
  if (!isObject(item)) return { layers: [], broken: `The path ${quoted(pointer)} is not an object.` };
  const own: Layer = { item, pointer };
  if (referenceOf(item) === undefined) return { layers: [own] };
  const target = references.resolve(item, pointer);
  if (target.outcome !== 'found') {
    return { layers: [own], broken: `${brokenReferenceIssue('The path', target).message}.` };
  }
  if (!isObject(target.value)) {
    return { layers: [own], broken: 'The $ref of the path leads to something that is not an object.' };
  }
  return { layers: [own, { item: target.value, pointer: target.pointer }] };
}

function operationsOf(
  path: string,
  layers: readonly Layer[],
  methods: readonly FoundMethod[],
): readonly LocatedOperation[] {
  const pathParameters = layers.find(({ item }) => Object.hasOwn(item, 'parameters'));
  const withServers = layers.find(({ item }) => listField(item, 'servers').length > 0);
  const found = new Map<string, LocatedOperation>();
  for (const { value, pointer, method } of methods) {
    if (found.has(method.toUpperCase())) continue;
    found.set(method.toUpperCase(), {
      value,
      pointer,
      method,
      path,
      parameters: [
        ...(pathParameters === undefined ? [] : [parametersOf(pathParameters.item, pathParameters.pointer)]),
        parametersOf(value, pointer),
      ],
      servers: listField(withServers?.item, 'servers'),
    });
  }
  return [...found.values()];
}

function parametersOf(value: unknown, pointer: string): LocatedList {
  return { values: listField(value, 'parameters'), pointer: `${pointer}/parameters` };
}

interface FoundMethod {
  readonly method: string;
  readonly value: unknown;
  readonly pointer: string;
}

/** Those that can be sent, and those that cannot. */
function methodsOf(
  layers: readonly Layer[],
  family: SpecFamily,
): readonly [usable: readonly FoundMethod[], unusable: readonly FoundMethod[]] {
  const found = layers.flatMap((layer) => [...fixedMethods(layer, family), ...additionalMethods(layer, family)]);
  return [found.filter(({ method }) => METHOD.test(method)), found.filter(({ method }) => !METHOD.test(method))];
}

function fixedMethods({ item, pointer }: Layer, family: SpecFamily): readonly FoundMethod[] {
  const methods = Object.keys(item).filter((key) => METHODS[family].has(key));
  return methods.map((method) => ({ method, value: own(item, method), pointer: `${pointer}/${method}` }));
}

function additionalMethods({ item, pointer }: Layer, family: SpecFamily): readonly FoundMethod[] {
  if (family !== '3.2') return [];
  return standardEntries(objectField(item, 'additionalOperations')).map(([method, value]) => ({
    method,
    value,
    pointer: `${pointer}/additionalOperations${formatPointer([method])}`,
  }));
}

function unusableMethod({ method, pointer }: FoundMethod): Finding {
  const what = `${quoted(method)} in additionalOperations was left out.`;
  return createFinding('method_unusable', `${what} ${FINDING_CODES.method_unusable.meaning}`, { pointer });
}

/** Why an operation cannot become a task; `undefined` where it can. */
export function refusalOf({ value, path }: LocatedOperation): string | undefined {
  if (!isObject(value)) return 'It is not an object.';
  return path.startsWith('/') ? undefined : `Its path ${quoted(path)} does not begin with "/".`;
}
