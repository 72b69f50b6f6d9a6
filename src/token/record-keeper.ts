/** What is done to a record besides attempts: made, brought to the integration's revision, a token taken over that a person wrote into the database. */
import { EverbearerError } from '../errors.ts';
import type { Cipher, Sealed } from '../kernel/cipher.ts';
import type { EventType } from '../kernel/event.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { FlightPorts } from './flight-ports.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import { takeOverManual } from './token-edit.ts';
import { NEW_RECORD_REV, type TokenRecord } from './token-record.ts';
import type { NewTokenRecord } from './token-store.ts';

export interface RecordKeeper {
  /** Insert-if-absent, at no revision yet: the integration is to be read again, and the record brought to it, before the first attempt (M2). */
  insert(configuration: TokenConfiguration): Promise<void>;
  /** M1. */
  bringUp(configuration: TokenConfiguration): Promise<void>;
  /** By compare-and-swap; whoever comes second finds it done. */
  takeOver(configuration: TokenConfiguration, record: TokenRecord, now: number): Promise<void>;
  /** A part that does not open under its own key is kept aside, and the record goes on without it. @returns whether that was the fault */
  putAside(configuration: TokenConfiguration, record: TokenRecord, part: 'at' | 'rt', error: unknown): Promise<boolean>;
  /** The error of whoever lacks a key of the record. It neither acquires nor replaces what it cannot open. */
  findMissingKey(record: TokenRecord): EverbearerError | undefined;
}

type KeeperPorts = Pick<FlightPorts, 'store' | 'cipher' | 'clock' | 'events' | 'logger'>;

export function createRecordKeeper(ports: KeeperPorts, actor: string): RecordKeeper {
  const { store, clock } = ports;
  /** A worker's first calls are thousands: one write does for all that came before it began. */
  const shared = createSingleFlight<unknown>();

  async function tell(
    { integration, scheme }: TokenConfiguration,
    type: EventType,
    reason: string,
    version: number,
  ): Promise<void> {
    const outcome = type === 'token_unreadable' ? 'failed' : 'ok';
    await ports.events.tell({ type, integration, scheme, actor, reason, outcome, version });
  }

  return {
    async insert(configuration) {
      await shared.run(`insert ${configuration.rev} ${configuration.id}`, async () => {
        await store.insert(newRecord(configuration, clock.uuid()));
      });
    },
    async bringUp({ id, rev, accountRev, secretRev }) {
      await shared.run(`bring-up ${rev} ${id}`, async () => {
        await store.apply(id, { kind: 'bring-up', rev, accountRev, secretRev, newId: clock.uuid() });
      });
    },
    async takeOver(configuration, record, now) {
      const write = takeOverManual(ports.cipher, record, { now, newId: clock.uuid() });
      const { applied } = await store.apply(record.id, write);
      if (applied) await tell(configuration, 'token_edited', 'database', record.ver + 1);
    },
    async putAside(configuration, record, part, error) {
      const sealed = record[part]?.sealed;
      if (sealed === undefined || !isSpoiled(error)) return false;
      const { integration, scheme } = configuration;
      ports.logger.error(
        { integration, scheme, part, key: sealed.kid },
        'a stored token does not open under its own key',
      );
      const { applied } = await store.apply(record.id, {
        kind: 'set-aside',
        part,
        ifCt: sealed.ct,
        newId: clock.uuid(),
      });
      if (applied) await tell(configuration, 'token_unreadable', part, record.ver + 1);
      return true;
    },
    findMissingKey({ id, at, rt }) {
      const access = missingKeyOf(ports.cipher, at.sealed, [id, 'access_token']);
      return access ?? missingKeyOf(ports.cipher, rt?.sealed, [id, 'refresh_token']);
    },
  };
}

/** One that does not open under its own key is whole in this respect. */
function missingKeyOf(
  cipher: Cipher,
  sealed: Sealed | undefined,
  binding: readonly string[],
): EverbearerError | undefined {
  try {
    if (sealed !== undefined) cipher.open(sealed, binding);
  } catch (error) {
    if (error instanceof EverbearerError && error.code === 'key_unknown') return error;
  }
  return undefined;
}

/** The record of a configuration before anything was obtained, and at no revision yet (M2). @param atId its first `at.id` */
export function newRecord(configuration: TokenConfiguration, atId: string): NewTokenRecord {
  const { id, integrationId, scheme, scopes, resources, audience } = configuration;
  return {
    id,
    integration_id: integrationId,
    scheme,
    ...(scopes === undefined ? {} : { scopes }),
    ...(resources === undefined ? {} : { resources }),
    ...(audience === undefined ? {} : { audience }),
    rev: NEW_RECORD_REV,
    cfg_ver: NEW_RECORD_REV,
    atId,
  };
}

/** The tag does not fit under a key that is known. An unknown key is this worker's own lack: it steps back and writes nothing. */
function isSpoiled(error: unknown): boolean {
  return error instanceof EverbearerError && error.code === 'configuration_missing';
}
