/** `events`: history, and what comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Everbearer } from '../api.ts';
import type { EverbearerEvent } from '../kernel/event.ts';
import type { Context } from './context.ts';
import { everyItem } from './every-item.ts';
import { numberFlag, type Action } from './verb.ts';

const FOLLOW_EVERY_MS = 500;
const NEWEST = 50;

export const events: Action = async (context, [integration], flags) => {
  const everbearer = await context.everbearer();
  const only = integration === undefined ? {} : { integration };
  const newest = await everyItem(
    (page) => everbearer.events.list({ ...only, ...page }),
    numberFlag(flags, 'limit') ?? NEWEST,
  );
  const chronological = newest.toReversed();
  // Of an integration that was removed the history is kept; of one that never was there is none.
  if (integration !== undefined && newest.length === 0) await everbearer.integrations.get(integration);
  if (flags['follow'] === true) return await follow(context, everbearer, only, chronological);
  context.print({ items: chronological }, () =>
    chronological.length === 0
      ? 'Nothing has happened yet.'
      : chronological.map((event) => describeEvent(context, event)).join('\n'),
  );
  return 0;
};

async function follow(
  context: Context,
  everbearer: Everbearer,
  only: { readonly integration?: string },
  first: readonly EverbearerEvent[],
): Promise<number> {
  const { signal } = context.terminal;
  for (const event of first) printEvent(context, event);
  let after = first.at(-1)?.id ?? (await everbearer.events.list({ limit: 1 })).items[0]?.id;
  while (!signal.aborted) {
    const page = await everbearer.events.list({ ...only, order: 'oldest', ...(after === undefined ? {} : { after }) });
    for (const event of page.items) printEvent(context, event);
    after = page.items.at(-1)?.id ?? after;
    await sleep(FOLLOW_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return 0;
}

function printEvent(context: Context, event: EverbearerEvent): void {
  context.print(event, () => describeEvent(context, event));
}

export function describeEvent({ paint }: Pick<Context, 'paint'>, event: EverbearerEvent): string {
  const colour = event.outcome === 'ok' ? paint.good : paint.bad;
  const { versionId, status } = event.details ?? {};
  const facts = [
    event.integration,
    event.scheme,
    versionId,
    event.code,
    event.outcome === 'ok' || status === undefined ? undefined : `status ${String(status)}`,
    event.reason,
    event.version === undefined ? undefined : `v${String(event.version)}`,
    event.latency_ms === undefined ? undefined : `${String(event.latency_ms)} ms`,
  ];
  return `${paint.dim(event.at)}  ${colour(event.type.padEnd(19))}  ${facts.filter((fact) => fact !== undefined).join('  ')}`;
}
