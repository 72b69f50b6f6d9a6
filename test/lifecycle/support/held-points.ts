/** Attempts held up at named points of the protocol, in this process. */
import type { OnPoint, ProtocolPoint } from '../../../src/token/protocol-points.ts';

export interface HeldPoint {
  /** Resolves when an attempt stands there. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  release(): void;
}

export interface HeldPoints {
  /** For `EverbearerOverrides.onPoint`. */
  readonly onPoint: OnPoint;
  /** Holds up the next attempt that comes to the point, and no other. */
  hold(point: ProtocolPoint): HeldPoint;
  /** Holds up nobody any more. */
  releaseAll(): void;
  /** Whether an attempt is in the middle of a step. Between two steps, and before the first, it is not for a turn of the event loop at most. */
  isActing(): boolean;
}

export function createHeldPoints(): HeldPoints {
  const armed: { readonly point: ProtocolPoint; readonly meet: () => Promise<void> }[] = [];
  const held = new Set<() => void>();
  const acting = new Set<string>();

  return {
    onPoint(point, { attempt }) {
      if (point.endsWith(':before')) acting.add(attempt);
      if (point.endsWith(':after')) acting.delete(attempt);
      const index = armed.findIndex((each) => each.point === point);
      return index === -1 ? undefined : armed.splice(index, 1)[0]?.meet();
    },
    hold(point) {
      const arrival = Promise.withResolvers<undefined>();
      const departure = Promise.withResolvers<undefined>();
      const release = (): void => departure.resolve(undefined);
      held.add(release);
      const meet = async (): Promise<void> => {
        arrival.resolve(undefined);
        await departure.promise;
      };
      armed.push({ point, meet });
      return { reached: arrival.promise, release };
    },
    releaseAll() {
      armed.length = 0;
      for (const release of held) release();
    },
    isActing: () => acting.size > 0,
  };
}
