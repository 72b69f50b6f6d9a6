/**
 * Compiles a transition to the filter and the pipeline of one `findOneAndUpdate`. `applyTransition` (src/token/transitions.ts) is the meaning, split over
 * files of the same names; a property test holds the two together. Where the meaning is `undefined`, the guard does not match.
 */
import type { TokenTransition } from '../../../src/token/token-transition.ts';
import { acquire, extend, fail, release, save } from './attempt-updates.ts';
import { bringUp, clear, forgive, observe, reseal, setAside, setByHand } from './edit-updates.ts';
import type { NowExpression } from './store-clock.ts';
import type { TransitionUpdate } from './transition-update.ts';

/** @param now the store's present, as one expression for guards and values */
export function compileTransition(transition: TokenTransition, now: NowExpression): TransitionUpdate {
  switch (transition.kind) {
    case 'bring-up':
      return bringUp(transition, now);
    case 'acquire':
      return acquire(transition, now);
    case 'extend':
      return extend(transition, now);
    case 'save':
      return save(transition, now);
    case 'fail':
      return fail(transition, now);
    case 'release':
      return release(transition, now);
    case 'set-by-hand':
      return setByHand(transition, now);
    case 'clear':
      return clear(transition, now);
    case 'forgive':
      return forgive(now);
    case 'observe':
      return observe(transition, now);
    case 'reseal':
      return reseal(transition, now);
    case 'set-aside':
      return setAside(transition, now);
  }
}
