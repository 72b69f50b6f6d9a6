/** `migrate`: a store with pending migrations can be opened for nothing else. */
import { openMigrations } from '../everbearer.ts';
import type { MigrationStatus } from '../store.ts';
import type { Action } from './verb.ts';

export const migrate: Action = async (context, _args, flags) => {
  const migrations = await openMigrations(context.settings);
  try {
    const ran = flags['status'] === true ? undefined : await migrations.run();
    const status = await migrations.status();
    context.print({ ...status, ...(ran === undefined ? {} : { ran }) }, () => describe(status, ran));
    return 0;
  } finally {
    await migrations.close();
  }
};

function describe({ version, known, pending }: MigrationStatus, ran: readonly string[] | undefined): string {
  const now = `The store is at ${String(version)} of ${String(known)}.`;
  if (ran !== undefined) return ran.length === 0 ? `${now} Nothing was pending.` : `Ran ${ran.join(', ')}.\n${now}`;
  return pending.length === 0
    ? `${now} Nothing is pending.`
    : `${now} Pending: ${pending.join(', ')}. Run: everbearer migrate`;
}
