/** What SQLite and the file system report, translated once into errors that say what to do. */
import { EverbearerError } from '../../../src/errors.ts';

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html). */
const RESULT = {
  perm: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
} as const;

interface Fault {
  readonly message: string;
  readonly hint: string;
  /** Whether it may pass without anybody changing anything. */
  readonly passes: boolean;
}

const NO_SPACE: Fault = {
  message: 'has no space left to grow',
  hint: 'Free space on its disk and try again; everything that was acknowledged is kept.',
  passes: true,
};

const NOT_WRITABLE: Fault = {
  message: 'cannot be written',
  hint: 'Give this user the right to write the file and its directory (SQLite keeps two more files beside it), or set --store.',
  passes: false,
};

const CANNOT_OPEN: Fault = {
  message: 'cannot be opened',
  hint: 'Check that its directory exists and that this user may read and write it and the file, or set --store.',
  passes: false,
};

const IS_DIRECTORY: Fault = {
  message: 'is a directory',
  hint: 'Name a file: --store sqlite:<directory>/everbearer.db',
  passes: false,
};

const BY_RESULT: Readonly<Record<number, Fault>> = {
  [RESULT.perm]: CANNOT_OPEN,
  [RESULT.readOnly]: NOT_WRITABLE,
  [RESULT.ioError]: {
    message: 'cannot be read or written: the disk reports an error',
    hint: 'Check the disk and that nothing else changes the file; everything that was acknowledged is kept.',
    passes: true,
  },
  [RESULT.corrupt]: {
    message: 'is damaged',
    hint: 'Put a backup copy in its place (<database>.backup-…), or save what can be read with: sqlite3 <database> .recover',
    passes: false,
  },
  [RESULT.full]: NO_SPACE,
  [RESULT.cannotOpen]: CANNOT_OPEN,
  [RESULT.notADatabase]: {
    message: 'is not a SQLite database',
    hint: 'Name another file with --store; this one was not touched.',
    passes: false,
  },
};

const BY_SYSTEM_CODE: Readonly<Record<string, Fault>> = {
  EISDIR: IS_DIRECTORY,
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
  EROFS: NOT_WRITABLE,
};

/** Whether another connection holds the file's lock at the moment. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === RESULT.busy || code === RESULT.locked || code === RESULT.protocol;
}

/** The error for callers; one that is no fault of the store (a bug of ours included) comes back as it is. */
export function translateFault(error: unknown, path: string): unknown {
  if (error instanceof EverbearerError) return error;
  const fault = faultOf(error);
  return fault === undefined ? error : unavailable(path, fault, error);
}

export function directoryFault(path: string): EverbearerError {
  return unavailable(path, IS_DIRECTORY);
}

export function lockedFault(path: string, waitedMs: number, cause: unknown): EverbearerError {
  const fault: Fault = {
    message: `is locked by another process for longer than ${waitedMs / 1000} s`,
    hint: 'Look for a process that keeps it locked (a database browser, a backup) and end its transaction; then try again.',
    passes: true,
  };
  return unavailable(path, fault, cause);
}

export function closedFault(path: string): EverbearerError {
  const hint = 'Open the store again; this connection was closed.';
  return unavailable(path, { message: 'is closed', hint, passes: false });
}

/** A database of another program, or a file system on which several processes can't share one. */
export function unsuitableFault(path: string, message: string, hint: string): EverbearerError {
  return unavailable(path, { message, hint, passes: false });
}

function unavailable(path: string, fault: Fault, cause?: unknown): EverbearerError {
  return new EverbearerError('store_unavailable', `The store file ${path} ${fault.message}.`, {
    hint: fault.hint,
    retryable: fault.passes,
    ...(cause === undefined ? {} : { cause }),
  });
}

function faultOf(error: unknown): Fault | undefined {
  const result = resultCode(error);
  if (result !== undefined) return BY_RESULT[result];
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code !== 'string' || syscall === undefined) return undefined;
  return BY_SYSTEM_CODE[code] ?? CANNOT_OPEN;
}

function resultCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}
