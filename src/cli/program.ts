/** The table of verbs as a commander program. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { COMMON_FLAGS, VERBS } from './verbs.ts';
import type { Flags, Verb, VerbFlag } from './verb.ts';

export interface Invocation {
  readonly verb: Verb;
  readonly args: readonly string[];
  readonly flags: Flags;
}

export interface ProgramOutput {
  out(text: string): void;
  err(text: string): void;
}

const GROUPS: Readonly<Record<string, string>> = {
  models: 'integration models: imported documents',
  integrations: 'integrations: a model with a server and credentials',
  token: "an integration's token",
};

/** @param invoke called by `parse` with what was asked for */
export function createProgram(
  version: string,
  output: ProgramOutput,
  invoke: (invocation: Invocation) => void,
): Command {
  const program = configured(new Command('everbearer'), output)
    .description('Import an OpenAPI document; every workflow task then runs with a token that is valid.')
    .version(version)
    .addHelpText('after', '\nStart with: everbearer demo\nHelp on one verb: everbearer <verb> --help');
  for (const verb of VERBS) addVerb(program, output, verb, invoke);
  return program;
}

/** Errors are thrown, not exits; wrong usage is said on standard error with a suggestion. */
function configured(command: Command, output: ProgramOutput): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        output.out(text);
      },
      writeErr: (text) => {
        output.err(text);
      },
    })
    .showSuggestionAfterError()
    .helpCommand(false);
}

function addVerb(program: Command, output: ProgramOutput, verb: Verb, invoke: (invocation: Invocation) => void): void {
  const [first = '', second] = verb.name.split(' ');
  const parent = second === undefined ? program : group(program, output, first);
  const command = configured(parent.command(second ?? first), output).description(verb.summary);
  for (const { name, description, required } of verb.arguments) {
    command.argument(required === false ? `[${name}]` : `<${name}>`, description);
  }
  for (const flag of [...verb.flags, ...COMMON_FLAGS]) addFlag(command, flag);
  command.addHelpText(
    'after',
    `\nExamples:\n${verb.examples.map((example) => `  $ everbearer ${example}`).join('\n')}`,
  );
  command.action(() => {
    invoke({ verb, args: command.processedArgs as string[], flags: command.opts() });
  });
}

function group(program: Command, output: ProgramOutput, name: string): Command {
  const existing = program.commands.find((command) => command.name() === name);
  return existing ?? configured(program.command(name), output).description(GROUPS[name] ?? '');
}

function addFlag(command: Command, { flags, description, kind }: VerbFlag): void {
  if (kind === 'integer') command.option(flags, description, wholeNumber);
  else command.option(flags, description);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** The exit code of what the parser threw: help and version are no errors, everything else is wrong usage. */
export function usageExit(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? 0 : 2;
}
