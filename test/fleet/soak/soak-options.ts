/** `npm run soak -- …` */
import { parseArgs } from 'node:util';
import { createSeededRandom, type SeededRandom } from '../support/seeded-random.ts';

const STORES = ['sqlite', 'mongodb', 'replica-set'] as const;
export type SoakStoreKind = (typeof STORES)[number];

export interface SoakOptions {
  /** How long the fleet is disturbed; a few minutes of rest come after it. */
  readonly minutes: number;
  readonly store: SoakStoreKind;
  readonly workers: number;
  readonly random: SeededRandom;
  /** File in which the stretches of one long soak add up. */
  readonly append?: string;
  /** File for all requests, events and incidents, for whoever looks for a cause. */
  readonly journal?: string;
}

/** A week. */
const MOST_MINUTES = 7 * 24 * 60;

export const USAGE = `npm run soak -- [--minutes 30] [--store sqlite|mongodb|replica-set] [--workers 5] [--seed <number>] [--append <file>] [--journal <file>]`;

/** @throws Error that says which option is wrong */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      store: { type: 'string', default: 'sqlite' },
      workers: { type: 'string', default: '5' },
      seed: { type: 'string' },
      append: { type: 'string' },
      journal: { type: 'string' },
    },
  });
  const store = STORES.find((kind) => kind === values.store);
  if (store === undefined) throw new Error(`--store must be one of ${STORES.join(', ')}.`);
  return {
    minutes: numberOf('minutes', values.minutes, MOST_MINUTES),
    store,
    workers: numberOf('workers', values.workers, 50),
    random: values.seed === undefined ? createSeededRandom() : createSeededRandom(Number(values.seed)),
    ...(values.append === undefined ? {} : { append: values.append }),
    ...(values.journal === undefined ? {} : { journal: values.journal }),
  };
}

function numberOf(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!(value > 0 && value <= most)) throw new Error(`--${name} must be a number, more than 0 and at most ${most}.`);
  return value;
}
