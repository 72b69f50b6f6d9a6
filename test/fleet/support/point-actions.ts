/** Named points of the protocol inside a worker: counted, and met by what is armed for them. */
import type { ArmedPoint, PointAction } from './worker-commands.ts';

export interface PointActions {
  /** For `EverbearerOverrides.onPoint`. */
  readonly onPoint: (point: string) => void | Promise<void>;
  arm(armed: ArmedPoint): void;
  /** Forgets what is armed and lets go of what is paused. */
  release(): void;
  visits(): Readonly<Record<string, number>>;
}

export interface PointPorts {
  /** Resolves when the other end has it. */
  readonly tellReached: (point: string) => Promise<void>;
  readonly block: (ms: number) => void;
}

export function createPointActions(ports: PointPorts): PointActions {
  const visits = new Map<string, number>();
  const paused = new Set<() => void>();
  let armed: readonly ArmedPoint[] = [];

  const act = async (point: string, action: PointAction): Promise<void> => {
    if (action.do !== 'kill') await ports.tellReached(point);
    switch (action.do) {
      case 'kill':
        endSelf('SIGKILL');
        break;
      case 'stop':
        endSelf('SIGSTOP');
        break;
      case 'block':
        ports.block(action.ms);
        break;
      case 'pause':
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
      armed = [];
      for (const go of paused) go();
      paused.clear();
    },
    visits: () => Object.fromEntries(visits),
  };
}

/** Nothing of this process runs after it: a signal that a process sends to itself is there before the call returns (POSIX, kill). */
function endSelf(signal: 'SIGKILL' | 'SIGSTOP'): void {
  process.kill(process.pid, signal);
}
