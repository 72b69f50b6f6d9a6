/** What a soak came to, as figures and as a text. */
import type { Account, Incident } from '../support/account.ts';
import { reconcile, type Explained, type Reconciliation } from '../support/reconciliation.ts';
import { holdsSecret } from './secrets-in-text.ts';
import { SOAK_INTEGRATIONS } from './soak-integrations.ts';
import type { SoakJournal } from './soak-journal.ts';
import { appendTotals, describeTotals, isAmiss, type SoakTotals } from './soak-totals.ts';
import { whyFailed, type TaskFailure } from './task-failures.ts';

export interface SoakOutcome extends Pick<SoakJournal, 'alarms' | 'lines' | 'secretLines'> {
  readonly account: Account;
  readonly minutes: number;
  /** By status or error code. */
  readonly tasks: ReadonlyMap<string, number>;
  readonly failures: readonly TaskFailure[];
}

/** Prints it. @param append file in which stretches add up @returns exit code */
export function reportSoak(outcome: SoakOutcome, append: string | undefined): number {
  const { account, tasks, lines, alarms } = outcome;
  const reconciled = reconcile(account);
  const failures = outcome.failures.map((what) => explainedFailure(what, account, reconciled));
  const stretch = totalsOf(outcome, reconciled, failures);
  console.log(`tasks by status or code: ${JSON.stringify(Object.fromEntries(tasks))}`);
  describeStories(reconciled);
  describeFailures(failures);
  for (const [line, times] of lines) console.log(`logged ${times} times: ${line}`);
  for (const alarm of alarms) console.log(alarm);
  console.log(describeTotals(stretch));
  if (append !== undefined) console.log(`in all:\n${describeTotals(appendTotals(append, stretch))}`);
  const isGood = !isAmiss(stretch) && alarms.length === 0;
  console.log(isGood ? 'Everything is accounted for.' : 'NOT everything is accounted for.');
  return isGood ? 0 : 1;
}

function explainedFailure(what: TaskFailure, account: Account, reconciled: Reconciliation): Explained<TaskFailure> {
  const because = whyFailed(what, account, reconciled);
  return because === undefined ? { what } : { what, because };
}

function totalsOf(
  { account, minutes, tasks, secretLines }: SoakOutcome,
  reconciled: Reconciliation,
  failures: readonly Explained<TaskFailure>[],
): SoakTotals {
  const { requests, events, incidents } = account;
  const count = (...kinds: readonly Incident['kind'][]): number =>
    incidents.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    stretches: 1,
    minutes,
    tasks: [...tasks.values()].reduce((sum, each) => sum + each, 0),
    failedTasks: failures.length,
    tokenRequests: requests.length,
    expiries: requests.filter(({ outcome }) => outcome === 'issued').length - SOAK_INTEGRATIONS.length,
    events: events.length,
    paired: reconciled.paired,
    kills: count('killed'),
    killsAtPoints: incidents.filter(({ kind, point }) => kind === 'killed' && point !== undefined).length,
    stops: count('stopped'),
    cuts: count('provider-cut', 'store-cut'),
    edits: count('edited'),
    lost: reconciled.lost.length,
    superseded: reconciled.superseded.length,
    replays: reconciled.replays.length,
    familyRevocations: reconciled.familyRevocations,
    renewedAgain: reconciled.doubleRefreshes.length,
    lostForNoReason: unexplained(reconciled.lost),
    doubleRefreshes: unexplained([...reconciled.doubleRefreshes, ...reconciled.replays]),
    unexplained: reconciled.unexplained,
    unexplainedFailures: unexplained(failures),
    secretsSeen: secretLines + events.filter((event) => holdsSecret(JSON.stringify(event))).length,
  };
}

function unexplained(stories: readonly Explained<unknown>[]): number {
  return stories.filter(({ because }) => because === undefined).length;
}

/** Each request without its event and each refresh token that did not live on, with the reason; what has none stands out. */
function describeStories({ withoutRequest, ...reconciled }: Reconciliation): void {
  const { withoutEvent, lost, superseded, replays, doubleRefreshes } = reconciled;
  for (const [title, stories] of Object.entries({ withoutEvent, lost, superseded, replays, doubleRefreshes })) {
    for (const { what, because } of stories) {
      const { sequence, at, client_id, user_agent, grant, status, fault } = what;
      const facts = [sequence, new Date(at).toISOString(), client_id, user_agent, grant, status, fault];
      console.log(`${title}: ${facts.filter((fact) => fact !== undefined).join(' ')}: ${because ?? 'UNEXPLAINED'}`);
    }
  }
  for (const event of withoutRequest) console.log(`event without a request: UNEXPLAINED ${JSON.stringify(event)}`);
}

/** By reason; what has none, one by one. */
function describeFailures(failures: readonly Explained<TaskFailure>[]): void {
  const groups = Map.groupBy(failures, ({ what, because }) => `${what.outcome}: ${because ?? 'UNEXPLAINED'}`);
  for (const [title, group] of groups) console.log(`${group.length} tasks failed, ${title}`);
  for (const { what, because } of failures)
    if (because === undefined) console.log(`task failed: UNEXPLAINED ${JSON.stringify(what)}`);
}
