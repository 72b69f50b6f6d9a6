/** The table of verbs as a commander program. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EverbearerError } from '../errors.ts';
import { defaultText, SETTINGS, type Setting } from './settings.ts';
import { VERBS } from './verbs.ts';
import type { Flags, Verb, VerbFlag } from './verb.ts';

export interface Invocation {
  readonly verb: Verb;
  readonly args: readonly string[];
  readonly flags: Flags;
}

const GROUPS: Readonly<Record<string, string>> = {
  models: 'integration models: imported documents',
  integrations: 'integrations: a model with a server and credentials',
  token: "an integration's token",
};

const HELP = ['-h', '--help'];

/**
 * What was asked for; or help or the version, which the parser has given to `print`.
 * @throws EverbearerError `bad_request` for wrong usage, with a suggestion where there is one
 */
export function parseArguments(
  version: string,
  argv: readonly string[],
  print: (text: string) => void,
): Invocation | 'told' {
  let invocation: Invocation | undefined;
  const program = createProgram(version, print, (found) => {
    invocation = found;
  });
  const words = asked(argv);
  refuseGroupAlone(words);
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 'told';
    throw wrongUsage(error, words);
  }
  return invocation ?? 'told';
}

/** Nothing at all, and `help`, ask for help. */
function asked(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === undefined) return ['--help'];
  return first === 'help' ? [...rest, '--help'] : argv;
}

/** @throws EverbearerError `bad_request` for `models` without one of its verbs */
function refuseGroupAlone([group = '', second = '-']: readonly string[]): void {
  if (!Object.hasOwn(GROUPS, group) || !second.startsWith('-') || HELP.includes(second)) return;
  const verbs = VERBS.map(({ name }) => name).filter((name) => name.startsWith(`${group} `));
  throw new EverbearerError('bad_request', `${group} needs one more word.`, { hint: `One of: ${verbs.join(', ')}.` });
}

function wrongUsage(error: CommanderError, words: readonly string[]): EverbearerError {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  // What was too many may be a piece of a value that was not quoted: it is counted, not repeated.
  const told = error.code === 'commander.excessArguments' ? first.replace(/(but got \d+).*/, '$1') : first;
  const sentence = `${told.charAt(0).toUpperCase()}${told.slice(1).replace(/\.$/, '')}.`;
  return new EverbearerError('bad_request', sentence, {
    hint: suggestion?.replace(/^\((.*)\)$/, '$1') ?? usageHint(words),
  });
}

function usageHint(words: readonly string[]): string {
  if (words[0]?.startsWith('-') === true) return 'The verb comes first, its flags after it. See: everbearer --help';
  const verb = VERBS.find(({ name }) => `${words.join(' ')} `.startsWith(`${name} `));
  return `See: everbearer ${verb === undefined ? '' : `${verb.name} `}--help`;
}

function createProgram(
  version: string,
  print: (text: string) => void,
  invoke: (invocation: Invocation) => void,
): Command {
  const program = configured(new Command('everbearer'), print)
    .description('Import an OpenAPI document; every workflow task then runs with a token that is valid.')
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', '\nStart with: everbearer demo\nHelp on one verb: everbearer <verb> --help');
  for (const verb of VERBS) addVerb(program, print, verb, invoke);
  return program;
}

/** Errors are thrown, not exits, and told by who catches them. */
function configured(command: Command, print: (text: string) => void): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .helpOption('-h, --help', 'print this')
    .showSuggestionAfterError()
    .helpCommand(false);
}

function addVerb(
  program: Command,
  print: (text: string) => void,
  verb: Verb,
  invoke: (invocation: Invocation) => void,
): void {
  const [first = '', second] = verb.name.split(' ');
  const parent = second === undefined ? program : group(program, print, first);
  const command = configured(parent.command(second ?? first), print).description(verb.summary);
  for (const { name, description, required } of verb.arguments) {
    command.argument(required === false ? `[${name}]` : `<${name}>`, description);
  }
  for (const flag of [...verb.flags, jsonFlag(verb)]) command.addOption(flagOption(flag));
  for (const setting of SETTINGS) command.addOption(settingOption(setting, verb.settings.includes(setting.option)));
  command.addHelpText(
    'after',
    `\nExamples:\n${verb.examples.map((example) => `  $ everbearer ${example}`).join('\n')}`,
  );
  command.action(() => {
    invoke({ verb, args: command.processedArgs as string[], flags: command.opts() });
  });
}

function group(program: Command, print: (text: string) => void, name: string): Command {
  const existing = program.commands.find((command) => command.name() === name);
  return existing ?? configured(program.command(name), print).description(GROUPS[name] ?? '');
}

/** The flag that every verb has. */
function jsonFlag({ answer }: Verb): VerbFlag {
  return { flags: '--json', description: `one JSON document on standard output, nothing else: ${answer}` };
}

function flagOption({ flags, description, kind, minimum }: VerbFlag): Option {
  const option = new Option(flags, description);
  return kind === 'integer' ? option.argParser(wholeNumber(minimum)) : option;
}

function settingOption(setting: Setting, isShown: boolean): Option {
  const { flags, description, variable, kind, choices, minimum, maximum } = setting;
  const known = [variable, ...(setting.default === undefined ? [] : [`default ${defaultText(setting)}`])].join('; ');
  const option = new Option(flags, `${phrase(description)} (${known})`).helpGroup('Settings:').hideHelp(!isShown);
  if (choices !== undefined) return option.choices(choices);
  if (kind === 'integer') return option.argParser(wholeNumber(minimum, maximum));
  return kind === 'list' ? option.argParser(listed) : option;
}

/** `How long it waits.` → `how long it waits` */
function phrase(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;
}

function wholeNumber(minimum = 0, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = maximum === Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : `from ${minimum} to ${maximum}`;
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
  };
}

/** Separated by commas, and given once or several times. */
function listed(text: string, before: unknown): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return [...((before ?? []) as readonly string[]), ...items];
}
