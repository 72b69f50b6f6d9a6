/** What is wrong with a task's input, and where. A fault names places and rules, never a value: values may be secrets. */
import { EverbearerError } from '../errors.ts';

export interface InputFault {
  /** JSON Pointer into the task input, e.g. `/query/limit`. The whole input is the empty string. */
  readonly pointer: string;
  /** Completes "<pointer> …", e.g. `must be integer`. */
  readonly message: string;
}

/** How many faults an answer carries at most. */
export const MAX_FAULTS = 20;
const FAULTS_IN_MESSAGE = 3;

/** The `input_invalid` error of these faults; `details.errors` has the first 20 of them. */
export function inputInvalid(faults: readonly InputFault[]): EverbearerError {
  const shown = faults.slice(0, FAULTS_IN_MESSAGE).map(describeFault).join('; ');
  const more = faults.length > FAULTS_IN_MESSAGE ? `; and ${faults.length - FAULTS_IN_MESSAGE} more` : '';
  return new EverbearerError('input_invalid', `The input does not fit the operation: ${shown}${more}.`, {
    hint: 'Compare the input with the input schema of the operation (everbearer models tasks).',
    details: { errors: faults.slice(0, MAX_FAULTS) },
  });
}

/** `/query/limit must be integer` */
export function describeFault({ pointer, message }: InputFault): string {
  return pointer === '' ? `the input ${message}` : `${pointer} ${message}`;
}

/** A value that cannot stand where it is to be written. Thrown by writers, which don't know its place; {@link located} does. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}

/** Runs `write`; what it cannot write becomes `input_invalid` at the pointer. @throws EverbearerError `input_invalid` */
export function located<T>(pointer: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Unwritable) throw inputInvalid([{ pointer, message: error.message }]);
    throw error;
  }
}
