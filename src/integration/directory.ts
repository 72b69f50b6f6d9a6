/**
 * Opened integrations by name, kept as long as their revision stands. Who uses one checks its revision at every call: with the token's record, or with
 * `current` where there is no token.
 */
import { EverbearerError } from '../errors.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { createChangeMarks } from '../kernel/change-marks.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { ModelStore } from '../model/model-store.ts';
import { createEditPoll } from '../token/edit-poll.ts';
import type { EventTeller } from '../token/event-teller.ts';
import { createReadBatch } from '../token/read-batch.ts';
import { isUnavailable, type StoreGate } from '../token/store-gate.ts';
import type { TokenRecord } from '../token/token-record.ts';
import { marksOf } from './integration-edit.ts';
import type { IntegrationRecord, IntegrationStore } from './integration-store.ts';
import { openIntegration, type OpenIntegration, type OpenIntegrationOptions } from './open-integration.ts';

/** How many integrations a process keeps opened. */
const KEPT = 10_000;
/** So long after a read has shown an integration it is used without another one where the check is bounded: that it was removed is noticed by then. */
const SHOWN_MS = 30_000;
const AWAY = Symbol('the store is away');

export interface DirectoryOptions extends OpenIntegrationOptions {
  /** Who the events name. */
  readonly actor: string;
  /** `serve-until-expiry`: while the store is away an integration is used as it was last read. */
  readonly onStoreUnavailable: 'serve-until-expiry' | 'fail';
  /** `background`: edits are polled, so that an integration whose editor crashed before it brought the tokens' records up is read again (M1). */
  readonly renewal: 'background' | 'inline';
  readonly check: 'every-call' | 'bounded';
}

export interface DirectoryPorts {
  readonly integrations: IntegrationStore;
  readonly models: ModelStore;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly events: EventTeller;
  readonly gate: StoreGate;
  readonly metrics: Metrics;
}

/** A token's record that is ahead of its integration: the store was restored from a backup, or rolled back. */
export type RecordAhead = Pick<TokenRecord, 'rev' | 'cfg_ver' | 'scheme'>;

export interface Directory {
  /** As last read; its revision is not checked. @throws EverbearerError `not_found`, `configuration_missing` */
  find(name: string): OpenIntegration | Promise<OpenIntegration>;
  /** What `find` would answer at once. */
  opened(name: string): OpenIntegration | undefined;
  /** Read now. @param ahead a record with a revision that the integration must have had: it is raised above it where it has not */
  reload(name: string, ahead?: RecordAhead): Promise<OpenIntegration>;
  /** Checked against the store: one shared read. */
  current(name: string): Promise<OpenIntegration>;
  /** By the check that was chosen: as `current`, or, where it is bounded, as last read while every edit that is older than 2.5 s is known. */
  inForce(name: string): Promise<OpenIntegration>;
  /** This process has edited it, or (absent) removed one: the next call reads it. */
  edited(name?: string): void;
  /** Ends the poll. */
  close(): void;
}

interface Entry {
  readonly integration: OpenIntegration;
  /** When the read was asked for that last showed it, by the monotonic clock. */
  shownAt: number;
}

export function createDirectory(ports: DirectoryPorts, options: DirectoryOptions): Directory {
  const { clock } = ports;
  const opened = new BoundedCache<string, Entry>({ maxEntries: KEPT });
  const changes = createChangeMarks(clock, KEPT);
  const revisions = createReadBatch(
    clock,
    (ids) => ports.gate.run(() => ports.integrations.revisions(ids)),
    (all, id) => all.get(id),
  );

  const poll =
    options.renewal === 'inline'
      ? undefined
      : createEditPoll(clock, {
          editedSince: (since, limit) => ports.integrations.editedSince(since, limit),
          onEdited(edited) {
            for (const { name, at } of edited) if (opened.peek(name)?.integration.record.updatedAt !== at) forget(name);
          },
          onGap() {
            changes.markAll();
            opened.drain();
          },
          onLag: (lagMs) =>
            ports.metrics.set('everbearer_edit_poll_lag_seconds', { of: 'integrations' }, lagMs / 1_000),
        });

  function forget(name: string): void {
    changes.mark(name);
    opened.delete(name);
  }

  /** Callers of one moment share a load, which begins after each of them came: a worker's first calls are thousands. */
  const loads = createReadBatch(
    clock,
    async (names) => new Map(names.map((name) => [name, load(name)])),
    (all, name) => all.get(name) ?? load(name),
  );

  async function reload(name: string, ahead?: RecordAhead): Promise<OpenIntegration> {
    const integration = await loads.read(name);
    return ahead === undefined || ahead.rev <= integration.record.rev ? integration : await load(name, ahead);
  }

  async function load(name: string, ahead?: RecordAhead): Promise<OpenIntegration> {
    const shownAt = clock.monotonic();
    opened.delete(name);
    const found = await ports.integrations.findByName(name);
    if (found === undefined) throw integrationNotFound(name);
    const record = ahead === undefined || ahead.rev <= found.rev ? found : await raise(found, ahead);
    const model = await ports.models.find(record.model);
    if (model === undefined) {
      throw new EverbearerError('not_found', `The model ${record.model} of the integration "${name}" is not there.`, {
        hint: 'Import it again: everbearer import <file>.',
      });
    }
    const integration = openIntegration(record, model, ports.cipher, options);
    keep({ integration, shownAt });
    return integration;
  }

  /** Of two reloads the one that was asked for later knows better. */
  function keep(entry: Entry): void {
    const { name } = entry.integration.record;
    const known = opened.peek(name);
    if (known === undefined || known.shownAt <= entry.shownAt) opened.set(name, entry);
  }

  /** Tokens of an account that the integration does not know any more go with it. */
  async function raise(
    found: IntegrationRecord,
    { rev, cfg_ver: cfgVer, scheme }: RecordAhead,
  ): Promise<IntegrationRecord> {
    const { createdAt: _created, updatedAt: _updated, ...record } = found;
    const marks = marksOf(found.marks, scheme);
    const raised = rev + 1;
    const known = cfgVer <= marks.account_rev;
    await ports.integrations.replace(
      {
        ...record,
        rev: raised,
        marks: { ...found.marks, [scheme]: known ? marks : { ...marks, account_rev: raised } },
      },
      found.rev,
    );
    await ports.events.tell({
      type: 'revision_raised',
      integration: found.name,
      scheme,
      actor: options.actor,
      reason: 'record_ahead',
      outcome: 'ok',
      details: { revision: raised, tokens_kept: known },
    });
    return (await ports.integrations.findByName(found.name)) ?? found;
  }

  const find: Directory['find'] = (name) => opened.find(name)?.integration ?? reload(name);

  async function current(name: string): Promise<OpenIntegration> {
    const shownAt = clock.monotonic();
    const integration = await find(name);
    const rev = await revisions.read(integration.record.id).catch((error: unknown) => {
      if (isUnavailable(error) && options.onStoreUnavailable === 'serve-until-expiry') return AWAY;
      throw error;
    });
    if (rev === AWAY) return integration;
    if (rev !== integration.record.rev) return await reload(name);
    const entry = opened.peek(name);
    if (entry?.integration === integration) entry.shownAt = Math.max(entry.shownAt, shownAt);
    return integration;
  }

  function isSure(name: string, { shownAt }: Entry): boolean {
    if (options.check !== 'bounded' || poll?.isHealthy() !== true) return false;
    return clock.monotonic() - shownAt < SHOWN_MS && changes.isNews(name, shownAt);
  }

  return {
    find,
    opened: (name) => opened.find(name)?.integration,
    reload,
    current,
    inForce(name) {
      const entry = opened.find(name);
      return entry !== undefined && isSure(name, entry) ? Promise.resolve(entry.integration) : current(name);
    },
    edited(name) {
      if (name === undefined) changes.markAll();
      else forget(name);
    },
    close: () => poll?.stop(),
  };
}

export function integrationNotFound(name: string): EverbearerError {
  return new EverbearerError('not_found', `There is no integration "${name}".`, {
    hint: 'everbearer integrations list shows those there are.',
  });
}
