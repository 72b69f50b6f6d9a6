/** Time passes: what was due later is due. What only a fault can let happen (a lease that ends under a request in flight) costs one. */
import type { TokenRecord } from '../../../src/token/token-record.ts';
import { isLeased, isUsable } from '../../../src/token/token-state.ts';
import { allowTry } from './server.ts';
import { isAttempt } from './store.ts';
import { arrive, emitFault, emitStep, replay, type Context } from './worker-events.ts';
import { NOW, PAST, replaceWorker, type Attempting, type Draft, type World } from './world.ts';

export function timeEvents(context: Context, world: World): void {
  for (const record of Object.values(world.records)) {
    expiryEvent(context, world, record);
    leaseEndEvent(context, world, record);
    waitEvent(context, world, record);
  }
  for (const id of Object.keys(world.guards)) guardEvents(context, world, id);
  for (const { save } of world.spool) {
    emitStep(context, world, 'a spooled save is replayed', (next) => {
      replay(context, next, save.attempt);
    });
  }
  for (const entry of world.underway) {
    emitStep(context, world, `the ${entry.write.kind} that was given up is made`, (next) => {
      arrive(context, next, entry);
    });
  }
}

function replaceRecord(draft: Draft, record: TokenRecord): void {
  draft.records = { ...draft.records, [record.id]: record };
}

function expiryEvent(context: Context, world: World, record: TokenRecord): void {
  if (world.budget.expiries === 0 || !isUsable(record, NOW)) return;
  emitStep(context, world, 'the access token expires', (next) => {
    next.budget = { ...next.budget, expiries: next.budget.expiries - 1 };
    replaceRecord(next, { ...record, at: { ...record.at, expires_at: PAST } });
  });
}

function leaseEndEvent(context: Context, world: World, record: TokenRecord): void {
  const { lease } = record;
  if (lease === undefined || !isLeased(record, NOW)) return;
  const end = (next: Draft): void => replaceRecord(next, { ...record, lease: { ...lease, until: PAST } });
  const index = world.workers.findIndex(({ doing }) => isAttempt(doing, lease.attempt));
  const doing = world.workers[index]?.doing;
  if (doing?.kind !== 'attempt') {
    emitStep(context, world, 'a lease that nobody holds ends', end);
    return;
  }
  const outlived = outlivedBy(doing);
  const holder = `worker ${index + 1}`;
  if (outlived === undefined) {
    emitFault(context, world, 'stall', `${holder} stalls at ${doing.state.step.do} past its lease`, (next) => {
      end(next);
      replaceWorker(next, index, { doing: { ...doing, isStalled: true } });
    });
    return;
  }
  emitStep(context, world, `the lease of ${holder} ends`, (next) => {
    end(next);
    replaceWorker(next, index, { doing: { ...doing, ...outlived } });
  });
}

/** What it means for its holder that a lease ends without another fault; `undefined`: that needs one. */
function outlivedBy(doing: Attempting): Partial<Attempting> | undefined {
  const { step } = doing.state;
  if (doing.isStalled) return {};
  // One lease lasts for one request: with a second one the time was not enough (M8).
  if (doing.phase === 'sent') return doing.requests > 1 ? {} : undefined;
  if (step.do === 'save') return doing.isRepeated ? { isStalled: true } : undefined;
  return { isLate: true };
}

function waitEvent(context: Context, world: World, record: TokenRecord): void {
  const fail = Object.entries(record.fail ?? {});
  if (!fail.some(([, { next_at: nextAt }]) => nextAt !== undefined && nextAt > NOW)) return;
  emitStep(context, world, 'the waiting time of the failure is over', (next) => {
    const due = fail.map(
      ([key, entry]) => [key, entry.next_at === undefined ? entry : { ...entry, next_at: NOW }] as const,
    );
    replaceRecord(next, { ...record, fail: Object.fromEntries(due) });
  });
}

function guardEvents(context: Context, world: World, id: string): void {
  const guard = world.guards[id];
  if (guard === undefined) return;
  const { lease, next_at: nextAt } = guard;
  if (lease !== undefined && lease.until >= NOW) guardLeaseEvent(context, world, id, lease.attempt);
  if (nextAt !== undefined && nextAt > NOW && world.budget.quarters > 0) {
    emitStep(context, world, 'a quarter of an hour passes for the credential', (next) => {
      next.guards = { ...next.guards, [id]: { ...guard, next_at: NOW } };
      next.budget = { ...next.budget, quarters: next.budget.quarters - 1 };
      allowTry(next, id);
    });
  }
}

function guardLeaseEvent(context: Context, world: World, id: string, attempt: string): void {
  const guard = world.guards[id];
  if (guard?.lease === undefined) return;
  const ended = { ...guard, lease: { ...guard.lease, until: PAST } };
  const end = (next: Draft): void => {
    next.guards = { ...next.guards, [id]: ended };
  };
  const index = world.workers.findIndex(({ doing }) => isAttempt(doing, attempt));
  const doing = world.workers[index]?.doing;
  if (doing?.kind !== 'attempt' || doing.isStalled || !doing.state.admitted) {
    emitStep(context, world, "the guard's lease ends", end);
    return;
  }
  // Who is admitted sends at once: thirty seconds are a stall, and its try stays counted once another has been admitted.
  if (doing.phase !== 'ready') return;
  emitFault(context, world, 'stall', `worker ${index + 1} stalls, admitted, past the guard's lease`, (next) => {
    end(next);
    replaceWorker(next, index, { doing: { ...doing, isLate: true } });
  });
}
