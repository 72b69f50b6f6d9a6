/** Named points of the protocol inside a worker: counted, and met by what is armed for them. */
import type { OnPoint, ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { ArmedPoint, PointAction } from './worker-commands.ts';

export interface PointActions {
  /** For `EverbearerOverrides.onPoint`. */
  readonly onPoint: OnPoint;
  arm(armed: ArmedPoint): void;
  /** Lets go of what is paused. */
  release(): void;
  visits(): Readonly<Record<string, number>>;
}

export interface PointPorts {
  /** Resolves when the other end has it. */
  readonly tellReached: (point: ProtocolPoint) => Promise<void>;
}

export function createPointActions(ports: PointPorts): PointActions {
  const visits = new Map<string, number>();
  const paused = new Set<() => void>();
  let armed: readonly ArmedPoint[] = [];

  const act = async (point: ProtocolPoint, action: PointAction): Promise<void> => {
    switch (action.do) {
      case 'kill':
        endSelf('SIGKILL');
        break;
      case 'stop':
        endSelf('SIGSTOP');
        break;
      case 'pause':
        await ports.tellReached(point);
        await new Promise<void>((resolve) => paused.add(resolve));
    }
  };

  return {
    onPoint(point) {
      const visit = (visits.get(point) ?? 0) + 1;
      visits.set(point, visit);
      const met = armed.find((each) => each.point === point && (each.visit ?? 1) === visit);
      return met === undefined ? undefined : act(point, met.action);
    },
    arm(more) {
      const done = visits.get(more.point) ?? 0;
      armed = [...armed, { ...more, visit: done + (more.visit ?? 1) }];
    },
    release() {
      for (const go of paused) go();
      paused.clear();
    },
    visits: () => Object.fromEntries(visits),
  };
}

/** Nothing of this process runs after it, or before SIGCONT: a signal that a process sends to itself is there before the call returns (POSIX, kill). */
function endSelf(signal: 'SIGKILL' | 'SIGSTOP'): void {
  process.kill(process.pid, signal);
}
