/** The code under check, as a table: the model calls nothing of the protocol but through it, so that a mutant is the table with one entry wrapped. */
import { nextStep, startAttempt } from '../../../src/token/attempt.ts';
import { applyCredentialTransition, findCredentialBar } from '../../../src/token/credential-transitions.ts';
import { newRecord } from '../../../src/token/record-keeper.ts';
import { decide } from '../../../src/token/token-decision.ts';
import { applyTransition } from '../../../src/token/transitions.ts';

export interface Protocol {
  readonly decide: typeof decide;
  readonly newRecord: typeof newRecord;
  readonly startAttempt: typeof startAttempt;
  readonly nextStep: typeof nextStep;
  readonly applyTransition: typeof applyTransition;
  readonly applyCredentialTransition: typeof applyCredentialTransition;
  readonly findCredentialBar: typeof findCredentialBar;
}

export const PROTOCOL: Protocol = {
  decide,
  newRecord,
  startAttempt,
  nextStep,
  applyTransition,
  applyCredentialTransition,
  findCredentialBar,
};
