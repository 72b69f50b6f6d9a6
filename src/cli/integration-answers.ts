/** The values of an integration: from `--from`, and on a terminal from a person who is asked for what is missing. */
import type { Everbearer } from '../api.ts';
import { EverbearerError } from '../errors.ts';
import type { IntegrationInput, IntegrationView, MissingInput } from '../integration/integrations-face.ts';
import { isObject, type Json } from '../kernel/json.ts';
import { mergePatch } from '../kernel/merge-patch.ts';
import type { Context } from './context.ts';
import type { Paint } from './paint.ts';
import { readValue } from './read-value.ts';
import { textFlag, type Flags } from './verb.ts';

export interface IntegrationRequest {
  readonly name: string;
  readonly model: string;
  readonly flags: Flags;
}

/** @throws EverbearerError `bad_request`, `configuration_missing` where something is missing and nobody can be asked */
export async function integrationInput(
  context: Context,
  everbearer: Everbearer,
  { name, model, flags }: IntegrationRequest,
): Promise<IntegrationInput> {
  const from = textFlag(flags, 'from');
  const server = textFlag(flags, 'server');
  const given = from === undefined ? {} : await readValue(context, from, '--from');
  if (!isObject(given)) {
    throw new EverbearerError('bad_request', '--from must hold an object.', {
      hint: 'For example {"authentication":{…}}.',
    });
  }
  const input: IntegrationInput = {
    ...given,
    ...(server === undefined ? {} : { server: { url: server } }),
    name,
    model,
  };
  if (from !== undefined) return input;
  return await completed(context, everbearer, input);
}

async function completed(context: Context, everbearer: Everbearer, input: IntegrationInput): Promise<IntegrationInput> {
  const missing = await everbearer.integrations.missing(input);
  if (missing.length === 0) return input;
  if (!context.terminal.isInteractive) {
    throw new EverbearerError('configuration_missing', `Not given: ${missing.map(nameOf).join(', ')}.`, {
      hint: `Give them with --from <json|@file|->, as in ${exampleOf(missing)}; on a terminal they are asked for.`,
      details: { missing },
    });
  }
  context.note('What is missing is asked for now; an empty answer leaves it out.');
  let patch: Json = {};
  for (const item of missing) {
    const answer = await context.terminal.ask(nameOf(item), {
      secret: item.secret,
      ...(item.suggestion === undefined ? {} : { suggestion: item.suggestion }),
    });
    if (answer !== '') patch = mergePatch(patch, patchOf(item, answer));
  }
  return mergePatch(input as unknown as Json, patch) as unknown as IntegrationInput;
}

function nameOf({ scheme, input }: MissingInput): string {
  return scheme === '' ? input : `${scheme}.${input}`;
}

function patchOf({ scheme, input }: MissingInput, answer: string): Json {
  return scheme === '' ? { server: { url: answer } } : { authentication: { [scheme]: { [input]: answer } } };
}

/** What `--from` would hold, without values. */
function exampleOf(missing: readonly MissingInput[]): string {
  return JSON.stringify(missing.reduce<Json>((example, item) => mergePatch(example, patchOf(item, '…')), {}));
}

export function describeIntegration(paint: Paint, view: IntegrationView): string {
  const { name, ...rest } = view;
  return [`${paint.good('integration')} ${paint.strong(name)}`, '', JSON.stringify(rest, null, 2)].join('\n');
}
