/** The EventStore: one row an event, the newest 100,000. Ids are numbers in 16 digits, so that their text sorts as they do. */
import type { EverbearerEvent, NewEvent } from '../../../src/kernel/event.ts';
import type { EventQuery, EventStore } from '../../../src/kernel/event-store.ts';
import { type Connection, query } from './connection.ts';
import { isoFromMs } from './instant.ts';
import { numberAfter, pageOf } from './paging.ts';

/** How many events are kept by default. */
export const EVENTS_KEPT = 100_000;
/** How many old ones an append takes away at most: usually one; more only where the limit was lowered. */
const PRUNE_ROWS = 500;

interface Row {
  readonly id: number;
  readonly at: string;
  readonly type: EverbearerEvent['type'];
  readonly integration: string | null;
  readonly scheme: string | null;
  readonly actor: string;
  readonly reason: string;
  readonly outcome: EverbearerEvent['outcome'];
  readonly code: string | null;
  readonly version: number | null;
  readonly latency_ms: number | null;
  readonly details: string | null;
}

const INSERT = query<{ id: number }>(`
INSERT INTO events (at, type, integration, scheme, actor, reason, outcome, code, version, latency_ms, details)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`);
const PRUNE = 'DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id <= ? ORDER BY id LIMIT ?)';
const LISTS = {
  newest: {
    all: query<Row>('SELECT * FROM events WHERE id < ? ORDER BY id DESC LIMIT ?'),
    one: query<Row>('SELECT * FROM events WHERE integration = ? AND id < ? ORDER BY id DESC LIMIT ?'),
    start: Number.MAX_SAFE_INTEGER,
  },
  oldest: {
    all: query<Row>('SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?'),
    one: query<Row>('SELECT * FROM events WHERE integration = ? AND id > ? ORDER BY id LIMIT ?'),
    start: 0,
  },
};

export function createEventStore(connection: Connection, kept: number = EVENTS_KEPT): EventStore {
  return {
    async append(event) {
      await connection.write(() => {
        const row = connection.one(INSERT, isoFromMs(connection.now()), ...columnsOf(event));
        if (row !== undefined) connection.run(PRUNE, row.id - kept, PRUNE_ROWS);
      });
    },

    async list(asked) {
      return await connection.read(() =>
        pageOf(
          asked,
          (limit) => select(connection, asked, limit),
          eventOf,
          (row) => eventId(row.id),
        ),
      );
    },
  };
}

function select(connection: Connection, asked: EventQuery | undefined, limit: number): readonly Row[] {
  const list = LISTS[asked?.order ?? 'newest'];
  const after = numberAfter(asked) ?? list.start;
  return asked?.integration === undefined
    ? connection.all(list.all, after, limit)
    : connection.all(list.one, asked.integration, after, limit);
}

function columnsOf(event: NewEvent): readonly (string | number | null)[] {
  const { type, integration, scheme, actor, reason, outcome, code, version, latency_ms: latency, details } = event;
  const optional = [code ?? null, version ?? null, latency ?? null, details ? JSON.stringify(details) : null];
  return [type, integration ?? null, scheme ?? null, actor, reason, outcome, ...optional];
}

function eventId(id: number): string {
  return id.toString().padStart(16, '0');
}

function eventOf(row: Row): EverbearerEvent {
  return {
    id: eventId(row.id),
    at: row.at,
    type: row.type,
    ...(row.integration === null ? {} : { integration: row.integration }),
    ...(row.scheme === null ? {} : { scheme: row.scheme }),
    actor: row.actor,
    reason: row.reason,
    outcome: row.outcome,
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.version === null ? {} : { version: row.version }),
    ...(row.latency_ms === null ? {} : { latency_ms: row.latency_ms }),
    ...(row.details === null ? {} : { details: JSON.parse(row.details) as NonNullable<EverbearerEvent['details']> }),
  };
}
