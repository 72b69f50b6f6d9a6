/** `events`: history, and what comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EverbearerEvent } from '../kernel/event.ts';
import type { Context } from './context.ts';
import { numberFlag, type Action } from './verb.ts';

const FOLLOW_EVERY_MS = 500;

export const events: Action = async (context, [integration], flags) => {
  const everbearer = await context.everbearer();
  const limit = numberFlag(flags, 'limit') ?? 50;
  const only = integration === undefined ? {} : { integration };
  const { items } = await everbearer.events.list({ ...only, limit });
  const chronological = items.toReversed();
  if (flags['follow'] !== true) {
    context.print({ items: chronological }, () =>
      chronological.length === 0
        ? 'Nothing has happened yet.'
        : chronological.map((event) => describeEvent(context, event)).join('\n'),
    );
    return 0;
  }
  for (const event of chronological) printEvent(context, event);
  let after = chronological.at(-1)?.id;
  while (!context.terminal.signal.aborted) {
    const page = await everbearer.events.list({ ...only, order: 'oldest', ...(after === undefined ? {} : { after }) });
    for (const event of page.items) printEvent(context, event);
    after = page.items.at(-1)?.id ?? after;
    await sleep(FOLLOW_EVERY_MS, undefined, { signal: context.terminal.signal }).catch(() => undefined);
  }
  return 0;
};

function printEvent(context: Context, event: EverbearerEvent): void {
  context.print(event, () => describeEvent(context, event));
}

export function describeEvent({ paint }: Pick<Context, 'paint'>, event: EverbearerEvent): string {
  const colour = event.outcome === 'ok' ? paint.good : paint.bad;
  const facts = [
    event.integration,
    event.scheme,
    event.code,
    event.reason,
    event.version === undefined ? undefined : `v${String(event.version)}`,
    event.latency_ms === undefined ? undefined : `${String(event.latency_ms)} ms`,
  ];
  return `${paint.dim(event.at)}  ${colour(event.type.padEnd(19))}  ${facts.filter((fact) => fact !== undefined).join('  ')}`;
}
