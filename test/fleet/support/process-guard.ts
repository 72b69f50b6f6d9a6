/** Sees to it that no process outlives the one that started it, also where that one is killed and the other is stopped and can notice nothing. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface ProcessGuard {
  watch(pid: number): void;
  /** It has ended by itself; its id may soon be another's. */
  forget(pid: number): void;
  end(): void;
}

export async function startProcessGuard(): Promise<ProcessGuard> {
  const guard = fork(new URL('./process-guard-child.ts', import.meta.url), { execArgv: ['--no-warnings'] });
  await once(guard, 'message');
  // It must not keep the test process from ending: that is what it waits for.
  guard.unref();
  guard.channel?.unref();
  return {
    watch: (pid) => guard.send({ watch: pid }),
    forget(pid) {
      if (guard.connected) guard.send({ forget: pid });
    },
    end: () => guard.disconnect(),
  };
}
