import { expect, test } from 'vitest';
import { decideNextStep, type Answered, type NextStep } from '../../src/task/next-step.ts';

const REFUSED: Answered = { refused: true, carriesToken: true, isOther: false, excuseMs: 0, mayResend: true };

test.each<readonly [string, Partial<Answered>, NextStep]>([
  ['taken', { refused: false }, { step: 'answer', because: 'not_refused' }],
  ['taken, though it is young', { refused: false, excuseMs: 100 }, { step: 'answer', because: 'not_refused' }],
  ['a 401 without a token', { carriesToken: false }, { step: 'answer', because: 'not_refused' }],
  ['refused', {}, { step: 'replace' }],
  ['refused, not to be sent twice', { mayResend: false }, { step: 'replace' }],
  ['refused young', { excuseMs: 100 }, { step: 'repeat', afterMs: 100 }],
  ['refused young, not to be sent twice', { excuseMs: 100, mayResend: false }, { step: 'replace' }],
  ['the second token refused', { isOther: true }, { step: 'answer', because: 'refused_again' }],
  ['the second token refused young', { isOther: true, excuseMs: 100 }, { step: 'answer', because: 'refused_again' }],
])('%s', (_what, given, expected) => {
  expect(decideNextStep({ ...REFUSED, ...given })).toEqual(expected);
});
