/** The one place where the driver's errors become ours. No message quotes the driver's: those can hold the URL or a stored value. */
import {
  MongoAPIError,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';

const DUPLICATE_KEY = 11_000;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;

/** Runs an operation of the driver. @throws EverbearerError `store_unavailable` for what the driver or the server made of it */
export async function translated<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw translateError(error);
  }
}

/** An error of the driver, or of the socket under it, as ours; anything else as it is. */
export function translateError(error: unknown): unknown {
  if (error instanceof MongoError) return unavailable(error);
  return isSocketFailure(error) ? failure(error, 'MongoDB cannot be reached.', CHECK_REACHABLE) : error;
}

/** A connection that breaks while a command is being written: the driver hands on what Node says. */
function isSocketFailure(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

/** The unique index that an insert ran into, by its first field; `undefined` for any other error. */
export function duplicateField(error: unknown): string | undefined {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) return undefined;
  const pattern: unknown = error['keyPattern'];
  return typeof pattern === 'object' && pattern !== null ? Object.keys(pattern)[0] : '_id';
}

/** Whether the server knows no such user and password. */
export function isLoginFailure(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === AUTHENTICATION_FAILED;
}

/** Whether the user may not do what was asked, or nobody signed in. */
export function isRightsFailure(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === UNAUTHORIZED;
}

function unavailable(error: MongoError): EverbearerError {
  if (error instanceof MongoWriteConcernError) {
    return failure(error, 'MongoDB did not confirm a write in time; it may have been made.', CHECK_MEMBERS);
  }
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) {
    return failure(error, 'MongoDB cannot be reached.', CHECK_REACHABLE);
  }
  if (error instanceof MongoServerError) {
    return failure(
      error,
      `MongoDB refused an operation (${error.codeName ?? `code ${error.code ?? 'unknown'}`}).`,
      CHECK_LOG,
    );
  }
  if (error instanceof MongoAPIError)
    return failure(error, 'The connection to MongoDB is closed or unusable.', CHECK_REACHABLE);
  return failure(error, 'MongoDB cannot be used at the moment.', CHECK_REACHABLE);
}

const CHECK_REACHABLE = 'Check that MongoDB runs, that this machine can reach it, and that the store URL names it.';
const CHECK_LOG = "The server's log says why; the user of the store URL needs the role readWrite on its database.";
const CHECK_MEMBERS = 'Check that a majority of the replica set is up (rs.status()).';

function failure(cause: Error, message: string, hint: string): EverbearerError {
  return new EverbearerError('store_unavailable', message, { hint, cause });
}
