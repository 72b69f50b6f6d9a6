/** The public face of `createEverbearer(…)`: what the CLI, the HTTP API and every engine adapter are built on. */
import type { EverbearerEvent } from './kernel/event.ts';
import type { EventQuery } from './kernel/event-store.ts';
import type { MetricsText } from './kernel/metrics.ts';
import type { Page } from './kernel/page.ts';
import type { Integrations } from './integration/integrations-face.ts';
import type { Models } from './model/models.ts';
import type { MigrationStatus } from './store.ts';
import type { Tasks } from './task/tasks-face.ts';
import type { Tokens } from './token/tokens-face.ts';

export interface Everbearer {
  readonly models: Models;
  readonly integrations: Integrations;
  readonly tokens: Tokens;
  readonly tasks: Tasks;
  readonly events: Events;
  readonly migrations: Migrations;
  /** Of this process and this Everbearer alone, in Prometheus' text format (docs/metrics.md). */
  readonly metrics: MetricsText;
  /** Releases what is not sent, awaits what is, closes the store. */
  close(): Promise<void>;
}

export interface Events {
  list(query?: EventQuery): Promise<Page<EverbearerEvent>>;
}

export interface Migrations {
  status(): Promise<MigrationStatus>;
  run(): Promise<readonly string[]>;
}
