/** Holds a worker at a named point of the protocol, as a stopped process would stand there, while others go on. */
import type { OnPoint, ProtocolPoint } from '../../../src/token/protocol-points.ts';

export interface FrozenPoint {
  /** Resolves when the worker stands there. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  readonly thaw: () => void;
}

export interface FrozenPoints {
  /** For `EverbearerOverrides.onPoint`. */
  readonly onPoint: OnPoint;
  /** The next time that the worker comes there. */
  readonly freezeAt: (point: ProtocolPoint) => FrozenPoint;
  /** Does something in that very moment, the next time that the worker comes there. */
  readonly doAt: (point: ProtocolPoint, act: () => void) => void;
  readonly thawAll: () => void;
}

interface Freeze extends FrozenPoint, Meeting {
  readonly meet: () => Promise<void>;
}

interface Meeting {
  readonly point: ProtocolPoint;
  readonly meet: () => void | Promise<void>;
}

export function createFrozenPoints(): FrozenPoints {
  const armed = new Set<Meeting>();
  const made = new Set<Freeze>();
  return {
    onPoint(point) {
      const met = [...armed].find((each) => each.point === point);
      if (met === undefined) return undefined;
      armed.delete(met);
      return met.meet();
    },
    freezeAt(point) {
      const freeze = freezeOf(point);
      armed.add(freeze);
      made.add(freeze);
      return freeze;
    },
    doAt: (point, meet) => void armed.add({ point, meet }),
    thawAll() {
      armed.clear();
      for (const { thaw } of made) thaw();
    },
  };
}

function freezeOf(point: ProtocolPoint): Freeze {
  const [reached, thawed] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  return {
    point,
    reached: reached.promise,
    thaw: () => thawed.resolve(undefined),
    async meet() {
      reached.resolve(undefined);
      await thawed.promise;
    },
  };
}
