/** One connection to the file: the only place that begins transactions and waits for the lock. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { closedFault, isBusy, lockedFault, translateFault, unsuitableFault } from './fault.ts';

/** How long a call waits for another process's lock, milliseconds. */
export const LOCK_WAIT_MS = 5_000;
const RETRY_FIRST_MS = 1;
const RETRY_MAX_MS = 10;

export interface ConnectionOptions {
  /** Added to SQLite's clock, milliseconds; read at each use. Default: 0. */
  readonly clockOffsetMs?: () => number;
  /** Default {@link LOCK_WAIT_MS}. */
  readonly lockWaitMs?: number;
}

/** A statement that gives rows of a known shape: tables are STRICT, so that the shape is the table's. */
export interface Query<Row> {
  readonly sql: string;
  /** Never set; says the type. */
  readonly row?: Row;
}

export function query<Row>(sql: string): Query<Row> {
  return { sql };
}

/** Two equal states of the file hold the same rows: no other connection has committed between them, and this one has not written. */
export interface FileState {
  readonly dataVersion: number;
  readonly ownWrites: number;
}

const DATA_VERSION = query<{ data_version: number }>('PRAGMA data_version');
const WAL = query<{ journal_mode: string }>('PRAGMA journal_mode = WAL');

export class Connection {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #offsetMs: () => number;
  readonly #lockWaitMs: number;
  #closed = false;
  #ownWrites = 0;

  constructor(path: string, options: ConnectionOptions = {}) {
    this.path = path;
    this.#offsetMs = options.clockOffsetMs ?? (() => 0);
    this.#lockWaitMs = options.lockWaitMs ?? LOCK_WAIT_MS;
    this.#database = new DatabaseSync(path, { timeout: 0 });
  }

  /** The store's clock, epoch milliseconds: this machine's, which is SQLite's own `unixepoch('subsec')` and that of every process that has the file open. */
  now(): number {
    return Date.now() + this.#offsetMs();
  }

  /** What tests have added to the clock, milliseconds: a monotonic clock is stepped by as much. */
  offsetMs(): number {
    return this.#offsetMs();
  }

  /** A statement, compiled once. Only inside `read` or `write`. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  /** The first row. */
  one<Row>(asked: Query<Row>, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.statement(asked.sql).get(...values) as Row | undefined;
  }

  all<Row>(asked: Query<Row>, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.statement(asked.sql).all(...values) as unknown as readonly Row[];
  }

  /** @returns how many rows were changed */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.statement(sql).run(...values).changes);
  }

  /** Only inside `read` or `write`. What is read after it is at least as new. */
  fileState(): FileState {
    return { dataVersion: this.one(DATA_VERSION)?.data_version ?? -1, ownWrites: this.#ownWrites };
  }

  /** Several statements without values. */
  script(sql: string): void {
    this.#database.exec(sql);
  }

  /**
   * Runs `work` at once, and again while another connection is in the way.
   * @throws EverbearerError `store_unavailable`
   */
  async read<T>(work: () => T): Promise<T> {
    return await this.#whenFree(work, this.#lockWaitMs);
  }

  /** Like `read`, all statements on one snapshot. */
  async snapshot<T>(work: () => T): Promise<T> {
    return await this.read(() => this.#transaction('BEGIN', work));
  }

  /**
   * Runs `work` in one transaction that holds the write lock from its beginning: durable when the promise resolves, else without a trace.
   * `work` may run several times; nothing of it counts but the last.
   * @throws EverbearerError `store_unavailable`
   */
  async write<T>(work: () => T, lockWaitMs: number = this.#lockWaitMs): Promise<T> {
    return await this.#whenFree(() => this.#writing(work), lockWaitMs);
  }

  /**
   * Like `write`, but durable only with the next `write` of anybody: for rows of a draft, which nobody sees before that. The log is written in order, so
   * the flush of a later transaction covers this one; after a crash before it, the draft is cut short and is swept.
   */
  async writeDraft<T>(work: () => T): Promise<T> {
    return await this.#whenFree(() => {
      this.script('PRAGMA synchronous = NORMAL');
      try {
        return this.#writing(work);
      } finally {
        this.script('PRAGMA synchronous = FULL');
      }
    }, this.#lockWaitMs);
  }

  /** For migrations alone, which get the driver itself. */
  get database(): DatabaseSync {
    return this.#database;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
  }

  /** What was seen up to a write says nothing after it, whether it is committed or not. */
  #writing<T>(work: () => T): T {
    try {
      return this.#transaction('BEGIN IMMEDIATE', work);
    } finally {
      this.#ownWrites += 1;
    }
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.statement(begin).run();
    try {
      const result = work();
      this.statement('COMMIT').run();
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some faults.
      if (this.#database.isTransaction) this.statement('ROLLBACK').run();
      throw error;
    }
  }

  async #whenFree<T>(work: () => T, waitMs: number): Promise<T> {
    const deadline = performance.now() + waitMs;
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
      if (this.#closed) throw closedFault(this.path);
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw translateFault(error, this.path);
        if (performance.now() >= deadline) throw lockedFault(this.path, waitMs, error);
      }
      await sleep(delayMs * (0.5 + Math.random()));
    }
  }
}

export function isSameState(state: FileState | undefined, other: FileState): boolean {
  return state?.dataVersion === other.dataVersion && state.ownWrites === other.ownWrites;
}

/** Settings of a connection. They need the file's lock only where WAL is switched on for the first time. */
export async function configureConnection(connection: Connection): Promise<void> {
  const mode = await connection.read(() => {
    connection.script(`
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA cache_size = -16384;
      PRAGMA journal_size_limit = 67108864;
    `);
    return connection.one(WAL)?.journal_mode;
  });
  if (mode === 'wal') return;
  const hint = 'Put the file on a disk of this machine: network file systems cannot hold it.';
  throw unsuitableFault(connection.path, 'cannot be shared between processes on this file system', hint);
}
