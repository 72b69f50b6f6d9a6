/** Option before variable before default; every complaint names the option in the spelling that was used. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { EverbearerError } from './errors.ts';
import { variableName } from './option-names.ts';
import { DEFAULT_OPTIONS, type EverbearerOptions, type ResolvedOptions } from './options.ts';
import schema from '../schemas/options.schema.json' with { type: 'json' };

type Environment = Readonly<Record<string, string | undefined>>;
type OptionName = keyof typeof schema.properties;

const OPTION_NAMES = Object.keys(schema.properties) as readonly OptionName[];

/** @throws EverbearerError `bad_request` for an option that is not as the schema says */
export function resolveOptions(options: EverbearerOptions, environment: Environment): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const fromVariables = Object.fromEntries(OPTION_NAMES.flatMap((name) => variableValue(name, environment)));
  const resolved = { ...DEFAULT_OPTIONS, ...fromVariables, ...given };
  const validate = new Ajv2020({ strict: false }).compile<ResolvedOptions>(schema);
  if (validate(resolved)) return resolved;
  throw complaint(validate.errors?.[0], given);
}

function variableValue(name: OptionName, environment: Environment): readonly (readonly [string, unknown])[] {
  const text = environment[variableName(name)];
  if (text === undefined || text === '') return [];
  const { type } = schema.properties[name] as { readonly type?: string };
  if (type === 'integer') return [[name, /^\d+$/.test(text) ? Number(text) : text]];
  if (type === 'array')
    return [
      [
        name,
        text
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      ],
    ];
  return [[name, text]];
}

/** The value is not repeated: a store URL holds a password. */
function complaint(error: ErrorObject | undefined, given: object): EverbearerError {
  const unknown = error?.params['additionalProperty'] as string | undefined;
  const name = unknown ?? error?.instancePath.split('/')[1] ?? '';
  const spelling = Object.hasOwn(given, name) ? `The option ${name}` : `The variable ${variableName(name)}`;
  return new EverbearerError(
    'bad_request',
    `${spelling} ${unknown === undefined ? rule(name, error) : 'is not known'}.`,
    {
      hint: 'schemas/options.schema.json has every option with its default and unit.',
    },
  );
}

/** A pattern says nothing to a person; the description of its option does. */
function rule(name: string, error: ErrorObject | undefined): string {
  const described: Readonly<Record<string, { readonly description?: string }>> = schema.properties;
  if (error?.keyword === 'pattern') return `must be ${described[name]?.description ?? 'as the schema says'}`;
  if (error?.keyword === 'type' && error.params['type'] === 'integer') return 'must be a whole number';
  const allowed = error?.params['allowedValues'] as readonly string[] | undefined;
  return allowed === undefined ? (error?.message ?? 'is wrong') : `must be one of ${allowed.join(', ')}`;
}
