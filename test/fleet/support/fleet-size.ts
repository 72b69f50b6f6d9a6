/** How much the tests of this folder do: what two cores hold in minutes, or with `FLEET=full` the counts of the token lifecycle's test catalogue. */
const isFull = process.env['FLEET'] === 'full';

interface FleetSize {
  /** Where one expiry is watched. */
  readonly processes: number;
  /** Where many are. */
  readonly processesThroughExpiries: number;
  /** Of the test that goes through the most. */
  readonly expiries: number;
  /** Of tests that start the command line as a process for each step. */
  readonly commandLineExpiries: number;
  /** Of the tests that watch each rotation closely. */
  readonly rotations: number;
}

export const FLEET: FleetSize = isFull
  ? { processes: 50, processesThroughExpiries: 20, expiries: 1_000, commandLineExpiries: 20, rotations: 20 }
  : { processes: 8, processesThroughExpiries: 8, expiries: 25, commandLineExpiries: 5, rotations: 5 };
