/** `integrations create|list|show|set|remove` */
import { EverbearerError } from '../errors.ts';
import type { IntegrationView } from '../integration/integrations-face.ts';
import { everyItem } from './every-item.ts';
import { describeIntegration, integrationInput } from './integration-answers.ts';
import { readValue } from './read-value.ts';
import { table } from './table.ts';
import { textFlag, type Action } from './verb.ts';

export const createIntegration: Action = async (context, [name = ''], flags) => {
  const model = textFlag(flags, 'model');
  if (model === undefined) {
    throw new EverbearerError('bad_request', 'No model was named.', {
      hint: 'Add --model <versionId>; everbearer models list shows them.',
    });
  }
  const everbearer = await context.everbearer();
  const input = await integrationInput(context, everbearer, { name, model, flags });
  const view = await everbearer.integrations.create(input);
  context.print(
    view,
    () => `${describeIntegration(context.paint, view)}\n\nNext: everbearer run ${name} <operationId>`,
  );
  return 0;
};

export const listIntegrations: Action = async (context) => {
  const everbearer = await context.everbearer();
  const items = await everyItem((page) => everbearer.integrations.list(page));
  context.print({ items }, () =>
    items.length === 0
      ? 'No integrations yet. Make one: everbearer integrations create <name> --model <versionId>'
      : table([['NAME', 'MODEL', 'SERVER'], ...items.map((item) => [item.name, item.model, serverText(item)])]),
  );
  return 0;
};

function serverText({ server }: IntegrationView): string {
  return JSON.stringify(server).replace(/^\{"url":"(.*)"\}$/, '$1');
}

export const showIntegration: Action = async (context, [name = '']) => {
  const everbearer = await context.everbearer();
  const view = await everbearer.integrations.get(name);
  context.print(view, () => describeIntegration(context.paint, view));
  return 0;
};

export const setIntegration: Action = async (context, [name = ''], flags) => {
  const from = textFlag(flags, 'from');
  if (from === undefined) {
    throw new EverbearerError('bad_request', 'Nothing to set was given.', {
      hint: 'Add --from <json|@file|->, for example --from \'{"egress":["files.example.com"]}\'.',
    });
  }
  const patch = await readValue(context, from, '--from');
  const everbearer = await context.everbearer();
  const view = await everbearer.integrations.set(name, patch);
  context.print(view, () => describeIntegration(context.paint, view));
  return 0;
};

export const removeIntegration: Action = async (context, [name = '']) => {
  const everbearer = await context.everbearer();
  await everbearer.integrations.remove(name);
  context.print({ removed: name }, () => `${context.paint.good('removed')} ${name}`);
  return 0;
};
