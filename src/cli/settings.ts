/** Options that can be given as flags, made from the schema of options. Flag before variable before default. */
import type { EverbearerOptions } from '../options.ts';
import { flagName, variableName } from '../option-names.ts';
import { EverbearerError } from '../errors.ts';
import schema from '../../schemas/options.schema.json' with { type: 'json' };
import type { Flags } from './verb.ts';

/** An option as a flag. */
export interface Setting {
  /** As in `EverbearerOptions`. */
  readonly option: string;
  /** As commander reads it, e.g. `--token-wait-ms <ms>`. */
  readonly flags: string;
  readonly variable: string;
  readonly description: string;
  /** Of the command line; `undefined` where the description says it. */
  readonly default: string | number | readonly string[] | undefined;
  readonly kind: 'text' | 'integer' | 'list' | 'choice';
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

interface OptionSchema {
  readonly description: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: string | number | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** How a verb lives is not the caller's choice: it is a short-lived process. */
const NOT_A_FLAG = ['renewal'];

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  store: 'url',
  keyFile: 'path',
  egress: 'hosts',
  validate: 'mode',
  actor: 'name',
  onStoreUnavailable: 'mode',
  spool: 'directory',
};

/** What the command line says where neither flag nor variable does: who acts, and that nothing is renewed before it is urgent. */
const OWN_DEFAULTS: Readonly<Record<string, string>> = { actor: 'cli', renewal: 'inline' };

export const SETTINGS: readonly Setting[] = Object.entries<OptionSchema>(schema.properties)
  .filter(([option]) => !NOT_A_FLAG.includes(option))
  .map(([option, described]) => settingOf(option, described));

function settingOf(option: string, described: OptionSchema): Setting {
  const { enum: choices, default: byDefault, description, minimum, maximum, pattern } = described;
  return {
    option,
    flags: `${flagName(option)} <${PLACEHOLDERS[option] ?? (option.endsWith('Ms') ? 'ms' : 'bytes')}>`,
    variable: variableName(option),
    description,
    default: OWN_DEFAULTS[option] ?? byDefault,
    kind: kindOf(described),
    ...(choices === undefined ? {} : { choices }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

function kindOf({ type, enum: choices }: OptionSchema): Setting['kind'] {
  if (choices !== undefined) return 'choice';
  return type === 'integer' ? 'integer' : type === 'array' ? 'list' : 'text';
}

/** The default for people. Empty where there is none. */
export function defaultText({ default: byDefault = '' }: Setting): string {
  return typeof byDefault === 'object' ? 'none' : String(byDefault);
}

/**
 * The options that the flags give.
 * @throws EverbearerError `bad_request`, which doesn't repeat the value: a store URL holds a password
 */
export function settingsOf(flags: Flags, environment: Readonly<Record<string, string | undefined>>): EverbearerOptions {
  const unset = Object.entries(OWN_DEFAULTS).filter(([option]) => (environment[variableName(option)] ?? '') === '');
  const given = SETTINGS.flatMap(({ option, pattern, description }) => {
    const value = flags[option];
    if (value === undefined) return [];
    if (value === '' || (pattern !== undefined && !new RegExp(pattern).test(String(value))))
      throw new EverbearerError('bad_request', `${flagName(option)} must be ${wanted(pattern, description)}.`);
    return [[option, value] as const];
  });
  return Object.fromEntries([...unset, ...given]);
}

function wanted(pattern: string | undefined, description: string): string {
  return pattern === undefined ? 'a text that is not empty' : description;
}
