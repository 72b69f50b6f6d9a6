/** Tells events to the store. What it cannot take now is told later, in order; what is too much is dropped and said. */
import { EverbearerError } from '../errors.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { NewEvent } from '../kernel/event.ts';
import type { Logger } from '../kernel/logger.ts';

export interface EventTeller {
  /** Never throws; resolves when the store has it, or has said no. */
  tell(event: NewEvent): Promise<void>;
}

/** Events that wait for the store. */
const MOST_WAITING = 1_000;

export function createEventTeller(events: Pick<EventStore, 'append'>, logger: Logger): EventTeller {
  const waiting: NewEvent[] = [];
  let telling: Promise<void> | undefined;

  async function tellAll(): Promise<void> {
    for (let event = waiting[0]; event !== undefined; event = waiting[0]) {
      try {
        await events.append(event);
      } catch (error) {
        const code = error instanceof EverbearerError ? error.code : 'internal';
        logger.warn({ type: event.type, code, waiting: waiting.length }, 'event not stored yet');
        return;
      }
      waiting.shift();
    }
  }

  return {
    async tell(event) {
      if (waiting.length >= MOST_WAITING) {
        logger.error({ type: event.type }, 'event dropped: too many wait for the store');
        return;
      }
      waiting.push(event);
      telling ??= tellAll().finally(() => {
        telling = undefined;
      });
      await telling;
    },
  };
}
