/** What a schema can't say about an exchange document: that its templates can be read, and that what they name exists. */
import { IANAZone } from 'luxon';
import { EverbearerError } from '../errors.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { compileTemplate } from '../kernel/template.ts';
import { TEMPLATE_FILTERS } from '../kernel/template-filters.ts';
import type { PhaseName } from './compiled-exchange.ts';
import type { Exchange, Extraction, Step } from './exchange.ts';
import { SIGNING_FILTER_NAMES } from './signing-filters.ts';

/** One fault of a document. */
export interface ExchangeProblem {
  /** JSON Pointer into the document. */
  readonly pointer: string;
  /** What is wrong and what to do, for a person. */
  readonly message: string;
}

type Path = readonly (string | number)[];

const FILTERS: ReadonlySet<string> = new Set(['default', ...Object.keys(TEMPLATE_FILTERS), ...SIGNING_FILTER_NAMES]);
const TOKEN_FIELDS: readonly string[] = ['access_token', 'refresh_token', 'token_type', 'scope', 'extra'];

/** @param exchange as the schema accepted it */
export function problemsOf(exchange: Exchange): readonly ExchangeProblem[] {
  return [
    ...(['acquire', 'refresh', 'end'] as const).flatMap((phase) => problemsOfPhase(exchange, phase)),
    ...exchange.apply.flatMap(({ value }, index) =>
      problemsOfTemplate(value, ['apply', index, 'value'], namesOf(exchange, [], false)),
    ),
    ...problemsOfNothing(exchange),
    ...problemsOfSources(exchange),
    ...problemsOfZones(exchange),
  ];
}

function problemsOfPhase(exchange: Exchange, phase: PhaseName): readonly ExchangeProblem[] {
  const steps = exchange[phase] ?? [];
  return steps.flatMap((step, index) => {
    const before = steps.slice(0, index);
    const repeated = before.some(({ name }) => name === step.name);
    return [
      ...(repeated ? [problem([phase, index, 'name'], `There are two steps "${step.name}" in this phase.`)] : []),
      ...problemsOfStep(exchange, step, before, [phase, index]),
    ];
  });
}

function problemsOfStep(exchange: Exchange, step: Step, before: readonly Step[], at: Path): readonly ExchangeProblem[] {
  const names = namesOf(exchange, before, true, Object.keys(step.values ?? {}));
  const { values, url, headers, query, form, json, xml, text, parameters } = step;
  const declared = exchange.inputs.some(({ name }) => name === parameters);
  const sent = Object.entries({ values, url, headers, query, form, json, xml, text });
  const authorized = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization');
  return [
    ...sent.flatMap(([key, part]) => problemsOfTemplates(part, [...at, key], names)),
    ...(parameters === undefined || declared ? [] : [problem([...at, 'parameters'], notDeclared(parameters))]),
    ...(step.authenticate !== undefined && authorized
      ? [
          problem(
            [...at, 'headers'],
            'The client would prove itself twice: take out the Authorization header or "authenticate".',
          ),
        ]
      : []),
  ];
}

/** Every template in a part of a step, however deep. */
function problemsOfTemplates(part: unknown, at: Path, names: KnownNames): readonly ExchangeProblem[] {
  if (typeof part === 'string') return problemsOfTemplate(part, at, names);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, member]) => problemsOfTemplates(member, [...at, key], names));
}

function problemsOfTemplate(source: string, at: Path, names: KnownNames): readonly ExchangeProblem[] {
  try {
    const template = compileTemplate(source);
    const filters = template.filters.filter((name) => !FILTERS.has(name));
    const paths = template.paths.filter((path) => !names.has(path));
    return [
      ...filters.map((name) => problem(at, `There is no filter "${name}". Known: ${[...FILTERS].join(', ')}.`)),
      ...paths.map((path) => problem(at, unknownPath(path))),
    ];
  } catch (error) {
    if (!(error instanceof EverbearerError)) throw error;
    return [problem(at, error.message)];
  }
}

interface KnownNames {
  has(path: string): boolean;
}

/** What a template at this place may name. @param before the steps that are done by then */
function namesOf(
  exchange: Exchange,
  before: readonly Step[],
  inStep: boolean,
  values: readonly string[] = [],
): KnownNames {
  const inputs = new Set(exchange.inputs.map(({ name }) => name));
  return {
    has(path) {
      const [root = '', first = '', second = ''] = path.split('.');
      if (root === 'inputs') return inputs.has(first);
      if (root === 'token') return TOKEN_FIELDS.includes(first);
      if (!inStep) return false;
      if (root === 'values') return values.includes(first);
      const step = before.find(({ name }) => name === first);
      if (root === 'steps') return Object.hasOwn(step?.outputs ?? {}, second);
      return path === 'now' || path === 'uuid';
    },
  };
}

function unknownPath(path: string): string {
  const [root = '', first = ''] = path.split('.');
  if (root === 'inputs') return notDeclared(first);
  if (root === 'steps') return `"${path}" names no output of an earlier step of this phase.`;
  return `Nothing is known as "${path}" here. A path begins with inputs, values, steps, token, now or uuid.`;
}

function notDeclared(input: string): string {
  return `There is no input "${input}". Declare it under "inputs", or correct its name.`;
}

/** A document that obtains nothing. */
function problemsOfNothing(exchange: Exchange): readonly ExchangeProblem[] {
  const refreshes = exchange.refresh !== null && exchange.refresh.length > 0;
  if (exchange.acquire.length > 0 || refreshes) return [];
  return [problem(['acquire'], 'There is neither a step to acquire a token nor one to refresh it.')];
}

/** `from` names a step of some phase: in another phase its last step is read instead. */
function problemsOfSources(exchange: Exchange): readonly ExchangeProblem[] {
  const known = new Set([...exchange.acquire, ...(exchange.refresh ?? [])].map(({ name }) => name));
  const readings: readonly (readonly [Path, Extraction | undefined])[] = [
    ...Object.entries(exchange.extract).map(([name, reading]) => [['extract', name], reading] as const),
    ...Object.entries(exchange.refreshExtract ?? {}).map(
      ([name, reading]) => [['refreshExtract', name], reading] as const,
    ),
    [['expiry', 'in'], exchange.expiry?.in],
    [['expiry', 'at'], exchange.expiry?.at],
  ];
  return readings.flatMap(([at, reading]) =>
    reading?.from === undefined || known.has(reading.from)
      ? []
      : [problem([...at, 'from'], `There is no step "${reading.from}".`)],
  );
}

function problemsOfZones(exchange: Exchange): readonly ExchangeProblem[] {
  const zones = [
    [['expiry', 'at', 'zone'], exchange.expiry?.at?.zone],
    [['expiry', 'daily', 'zone'], exchange.expiry?.daily?.zone],
  ] as const;
  return zones.flatMap(([at, zone]) =>
    zone === undefined || IANAZone.isValidZone(zone)
      ? []
      : [problem(at, 'This is no time zone. Use an IANA name such as "Europe/Oslo".')],
  );
}

function problem(at: Path, message: string): ExchangeProblem {
  return { pointer: formatPointer(at), message };
}
