/**
 * The named points of the protocol: between any two of them a process may die, stop or be held up. Tests do that to real processes at each of them, by
 * name; in the product nobody listens.
 */
import type { AttemptStep } from './attempt.ts';

type ActingStep = Exclude<AttemptStep['do'], 'finish'>;

/** The steps of an attempt that act, in the order in which one may meet them. */
const ATTEMPT_STEPS: readonly ActingStep[] = [
  'acquire',
  'confirm',
  'watch',
  'admit',
  'extend',
  'send',
  'save',
  'settle',
  'fail',
  'release',
  'end',
];

/**
 * `<step>:before` and `<step>:after`, and between them: `send:first-byte` (the connection stands, nothing is written), `save:unstored` (the store did not
 * take it), `spool:before` and `spool:after` (the file is written and flushed).
 */
export const PROTOCOL_POINTS: readonly ProtocolPoint[] = [
  ...ATTEMPT_STEPS.flatMap((step): ProtocolPoint[] => [`${step}:before`, `${step}:after`]),
  'send:first-byte',
  'save:unstored',
  'spool:before',
  'spool:after',
];

export type ProtocolPoint =
  `${ActingStep}:${'before' | 'after'}` | 'send:first-byte' | 'save:unstored' | 'spool:before' | 'spool:after';

/** Told of each point as it is passed. What it returns is waited for, but for `send:first-byte`, which can only be held up by blocking. */
export type OnPoint = (
  point: ProtocolPoint,
  at: { readonly attempt: string; readonly recordId: string },
) => void | Promise<void>;
