/** `doctor`: what is well, what isn't, and what to do. */
import { createEverbearer, openMigrations } from '../everbearer.ts';
import { EverbearerError } from '../errors.ts';
import type { Context } from './context.ts';
import type { Action } from './verb.ts';

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
  readonly hint?: string;
}

/** Node releases before it lack what the sources and the embedded store need. */
const NODE_NEEDED = [22, 19] as const;

export const doctor: Action = async (context) => {
  const checks = [checkNode(process.versions.node), await checkStore(context), await checkKeys(context)];
  const ok = checks.every((check) => check.ok);
  context.print({ ok, checks }, () =>
    checks
      .map(({ check, ok: isWell, message, hint }) => {
        const mark = isWell ? context.paint.good('ok  ') : context.paint.bad('FAIL');
        return `${mark}  ${check.padEnd(8)}  ${message}${hint === undefined ? '' : `\n                ${hint}`}`;
      })
      .join('\n'),
  );
  return ok ? 0 : 3;
};

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  return {
    check: 'node',
    ok,
    message: `Node ${version}`,
    ...(ok ? {} : { hint: `Install Node ${NODE_NEEDED.join('.')} or newer.` }),
  };
}

async function checkStore(context: Context): Promise<Check> {
  return await checked('store', async () => {
    const migrations = await openMigrations(context.settings);
    try {
      const { version, known, pending } = await migrations.status();
      if (pending.length === 0) return `reachable, schema ${String(version)} of ${String(known)}`;
      throw new EverbearerError('configuration_missing', `${String(pending.length)} migrations are pending.`, {
        hint: 'Run: everbearer migrate',
      });
    } finally {
      await migrations.close();
    }
  });
}

async function checkKeys(context: Context): Promise<Check> {
  return await checked('keys', async () => {
    const everbearer = await createEverbearer(context.settings);
    await everbearer.close();
    return "the key file is the store's";
  });
}

async function checked(check: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { check, ok: true, message: await look() };
  } catch (error) {
    if (!(error instanceof EverbearerError)) throw error;
    return { check, ok: false, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}
