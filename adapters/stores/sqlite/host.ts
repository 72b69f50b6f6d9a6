/** What the machine says of its processes and its monotonic clock: facts that outlive a process but not a boot. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, platform } from 'node:os';

export interface ProcessIdentity {
  /** Processes of one namespace see each other's ids. */
  readonly namespace: string;
  readonly pid: number;
  /** When it was started, in ticks since boot: tells it from a later process of the same id. Absent: unknown. */
  readonly started?: string;
}

export interface Host {
  /** Identity of this boot; absent where the system has none: then only the wall clock judges. */
  readonly boot?: string;
  readonly process: ProcessIdentity;
  /** Milliseconds of a clock that all processes of this boot share and that no one steps. */
  monotonicMs(): number;
  /** Whether a process of this namespace has ended. */
  isGone(other: ProcessIdentity): boolean;
}

/** The real one. Linux has all of it; elsewhere the wall clock and process ids have to do. */
export function readHost(): Host {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const self = statOf(process.pid);
  return {
    ...(boot === undefined ? {} : { boot }),
    process: {
      namespace: attempt(() => readlinkSync('/proc/self/ns/pid')) ?? `${platform()}:${hostname()}`,
      pid: process.pid,
      ...(self === undefined ? {} : { started: self.started }),
    },
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    isGone: (other) => other.pid !== process.pid && isGone(other),
  };
}

function isGone(other: ProcessIdentity): boolean {
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const found = statOf(other.pid);
  if (found === undefined || other.started === undefined) return false;
  return found.started !== other.started || found.state === 'Z' || found.state === 'X';
}

/** Fields 3 and 22 of /proc/<pid>/stat (proc(5)); the name before them, in parentheses, may hold anything. */
function statOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  return attempt(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
