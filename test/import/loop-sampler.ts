/** How long the main loop stood still because of us: a thread that the machine did not let run is not counted. */
import process from 'node:process';

export interface LoopSampler {
  /** Longest stall since the start, milliseconds of the thread's own work. */
  stop(): number;
}

const EVERY_MS = 5;

/** Of the thread where Node can tell (23.9 and later), else of the whole process, which is never less. */
function cpuMs(): number {
  const thread = process as Partial<Pick<typeof process, 'threadCpuUsage'>>;
  const { user, system } = thread.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}

export function sampleLoop(): LoopSampler {
  let longest = 0;
  let at = performance.now();
  let cpu = cpuMs();
  const look = (): void => {
    const [now, cpuNow] = [performance.now(), cpuMs()];
    longest = Math.max(longest, Math.min(now - at - EVERY_MS, cpuNow - cpu));
    [at, cpu] = [now, cpuNow];
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}
