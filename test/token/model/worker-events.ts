/** What workers do: the shell around the real decisions (token-manager.ts, token-flight.ts, saver.ts, doubt-watch.ts, credential-guard.ts), one effect an event, each effect with every outcome. */
import type { AttemptResult, AttemptState, AttemptStep } from '../../../src/token/attempt.ts';
import type { AttemptPlan } from '../../../src/token/attempt-plan.ts';
import type { WriteTools } from '../../../src/token/attempt-writes.ts';
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import type { DecisionContext } from '../../../src/token/token-decision.ts';
import type { AccessTokenPart, AcquireReason, RefreshTokenPart, TokenRecord } from '../../../src/token/token-record.ts';
import { newTokenRecord } from '../../../src/token/transitions.ts';
import type { TokenTransition } from '../../../src/token/token-transition.ts';
import type { Configurations } from './configuration.ts';
import type { Protocol } from './protocol.ts';
import { allowTry, answersTo, noteRefusal } from './server.ts';
import { endSession, ghostOf, isAttempt, leanRecord, noteSaveUnknown, writeGuard, writeRecord } from './store.ts';
import {
  breaks,
  fork,
  identity,
  IDLE,
  NOW,
  replaceWorker,
  type Attempting,
  type Draft,
  type Fault,
  type Settings,
  type Underway,
  type Worker,
  type World,
} from './world.ts';

/** `step`: without a fault, an edit or a command; liveness is a path of these. */
export type EventKind = 'step' | 'fault' | 'edit' | 'command';

export interface Context {
  readonly settings: Settings;
  readonly protocol: Protocol;
  readonly configurations: Configurations;
  readonly emit: (what: string, kind: EventKind, next: Draft) => void;
}

/** A fault, where there is one left. */
export function emitFault(
  context: Context,
  world: World,
  fault: Fault,
  what: string,
  make: (draft: Draft) => void,
): void {
  if (world.budget.faults === 0 || !context.settings.faults.includes(fault)) return;
  const next = fork(world);
  make(next);
  payFault(next);
  context.emit(what, 'fault', next);
}

function payFault(draft: Draft): void {
  draft.budget = { ...draft.budget, faults: draft.budget.faults - 1 };
  draft.explained = Math.min(2, draft.explained + 1);
}

export function emitStep(context: Context, world: World, what: string, make: (draft: Draft) => void): void {
  const next = fork(world);
  make(next);
  context.emit(what, 'step', next);
}

export function workerEvents(context: Context, world: World, index: number): void {
  const worker = world.workers[index];
  if (worker === undefined) return;
  const { doing } = worker;
  switch (doing.kind) {
    case 'idle':
      idleEvents(context, world, index, worker);
      return;
    case 'inserting':
      insertEvents(context, world, index, doing.configuration);
      return;
    case 'inserted':
      if (world.integration === undefined)
        emitStep(context, world, `${name(index)} finds no integration`, (next) => setIdle(next, index));
      else
        emitStep(context, world, `${name(index)} reads the integration again`, (next) =>
          prepare(context, next, index, worker),
        );
      return;
    case 'preparing':
      emitStep(context, world, `${name(index)} brings the record up to revision ${doing.configuration.rev}`, (next) => {
        bringUp(context.protocol, next, doing.configuration);
        setIdle(next, index);
      });
      return;
    case 'attempt':
      attemptEvents(context, world, index, doing);
  }
}

function currentConfiguration({ configurations }: Context, world: World, worker: Worker): TokenConfiguration {
  return world.integration === undefined ? worker.held : configurations.get(world.integration, worker.scope);
}

function emitReload(context: Context, world: World, index: number, worker: Worker): void {
  const held = currentConfiguration(context, world, worker);
  if (held === worker.held) return;
  emitStep(context, world, `${name(index)} reads the integration`, (next) => {
    replaceWorker(next, index, { held });
  });
}

/** The record is made: it is brought to the integration as it is read now (M2). */
function prepare(context: Context, draft: Draft, index: number, worker: Worker): void {
  const configuration = currentConfiguration(context, draft, worker);
  replaceWorker(draft, index, { held: configuration, doing: { kind: 'preparing', configuration } });
}

function setIdle(draft: Draft, index: number): void {
  replaceWorker(draft, index, { doing: IDLE });
}

function name(index: number): string {
  return `worker ${index + 1}`;
}

function idleEvents(context: Context, world: World, index: number, worker: Worker): void {
  emitReload(context, world, index, worker);
  look(context, world, index, worker, false);
  if (world.budget.commands > 0) look(context, world, index, worker, true);
}

/** One turn of the manager: reads the record, and does what is decided. Waiting, serving and refusing change nothing. */
function look(context: Context, world: World, index: number, worker: Worker, isCommand: boolean): void {
  const { held } = worker;
  const record = world.records[held.id];
  const decision = context.protocol.decide(record, NOW, contextOf(held, isCommand ? record?.at.id : undefined));
  const kind = isCommand ? 'command' : 'step';
  const next = fork(world);
  if (isCommand) next.budget = { ...next.budget, commands: next.budget.commands - 1 };
  switch (decision.action) {
    case 'insert':
      if (isCommand || world.integration === undefined) return;
      if (record !== undefined) prepare(context, next, index, worker);
      else
        replaceWorker(next, index, {
          doing: { kind: 'inserting', configuration: currentConfiguration(context, world, worker) },
        });
      context.emit(`${name(index)} finds ${record === undefined ? 'no' : 'a new'} record`, kind, next);
      return;
    case 'bring-up':
      bringUp(context.protocol, next, held);
      context.emit(`${name(index)} brings the record up to revision ${held.rev}`, kind, next);
      return;
    case 'acquire':
      if (record === undefined) return;
      replaceWorker(next, index, { doing: depart(context.protocol, next, held, record, decision.reason, isCommand) });
      context.emit(
        `${name(index)} ${isCommand ? 'is told to renew' : `finds the token ${decision.reason}`}`,
        kind,
        next,
      );
      return;
    default:
  }
}

function contextOf(held: TokenConfiguration, newerThan: string | undefined): DecisionContext {
  const { rev, cfgFp, hasPrimary, presentsRefreshToken } = held;
  return {
    rev,
    cfgFp,
    hasPrimary,
    presents: presentsRefreshToken,
    renewal: 'background',
    ...(newerThan === undefined ? {} : { newerThan }),
  };
}

function bringUp(protocol: Protocol, draft: Draft, { id, rev, accountRev, secretRev }: TokenConfiguration): void {
  writeRecord(protocol, draft, id, { kind: 'bring-up', rev, accountRev, secretRev, newId: identity(draft) });
}

function depart(
  protocol: Protocol,
  draft: Draft,
  configuration: TokenConfiguration,
  record: TokenRecord,
  reason: AcquireReason,
  person: boolean,
): Attempting {
  const attempt = identity(draft);
  const plan: AttemptPlan = {
    configuration,
    seen: record,
    reason,
    person,
    offersRefused: person && !configuration.hasPrimary,
    attempt,
    holder: '',
  };
  const state = protocol.startAttempt(plan);
  return {
    kind: 'attempt',
    // The rest of what was seen is in the write, or tells only how long to wait.
    state: { ...state, plan: { ...plan, seen: { ...SEEN, at: { id: record.at.id } } } },
    phase: 'ready',
    isRepeated: false,
    isSpooled: false,
    isLate: false,
    isStalled: false,
    isForgotten: false,
    requests: 0,
    replays: false,
  };
}

const SEEN: TokenRecord = {
  id: '',
  integration_id: '',
  scheme: '',
  ver: 0,
  epoch: 0,
  rev: 0,
  cfg_ver: 0,
  at: { id: '' },
  created_at: NOW,
  updated_at: NOW,
};

function insertEvents(context: Context, world: World, index: number, configuration: TokenConfiguration): void {
  const insert = (next: Draft): void => {
    const { id } = configuration;
    if (next.records[id] !== undefined) return;
    const made = context.protocol.newRecord(configuration, identity(next));
    next.records = { ...next.records, [id]: leanRecord(newTokenRecord(made, NOW)) };
  };
  emitStep(context, world, `${name(index)} inserts the record`, (next) => {
    insert(next);
    replaceWorker(next, index, { doing: { kind: 'inserted' } });
  });
  emitFault(context, world, 'crash', `${name(index)} inserts the record and dies`, (next) => {
    insert(next);
    setIdle(next, index);
  });
}

function attemptEvents(context: Context, world: World, index: number, doing: Attempting): void {
  emitFault(context, world, 'crash', `${name(index)} dies at ${doingText(doing)}`, (next) => {
    excuse(next, doing);
    const worker = next.workers[index];
    if (worker !== undefined) {
      replaceWorker(next, index, { doing: IDLE, held: currentConfiguration(context, next, worker) });
    }
  });
  const { step } = doing.state;
  switch (step.do) {
    case 'acquire':
    case 'confirm':
    case 'extend':
      leaseEvents(context, world, index, step);
      return;
    case 'save':
      saveEvents(context, world, index, doing, step);
      return;
    case 'fail':
    case 'release':
      lesserWriteEvents(context, world, index, doing, step);
      return;
    case 'watch':
      watchEvents(context, world, index);
      return;
    case 'admit':
      admissionEvents(context, world, index, doing);
      return;
    case 'settle':
      settleEvents(context, world, index, step);
      return;
    case 'send':
      sendEvents(context, world, index, doing, step);
      return;
    case 'end':
      emitStep(
        context,
        world,
        `${name(index)} ends ${step.token === undefined ? 'what it has replaced' : 'its token'}`,
        (next) => {
          const token = step.token?.access_token ?? doing.state.base?.record.at.sealed?.ct;
          if (token !== undefined) endToken(next, doing, token);
          advance(context, next, index, { kind: 'done' });
        },
      );
      return;
    case 'finish':
  }
}

function doingText({ state, phase }: Attempting): string {
  const { step } = state;
  return phase === 'ready' ? step.do : `${step.do} (${phase})`;
}

/** M10. */
function endToken(draft: Draft, { state }: Attempting, token: string): void {
  const isDropped = state.step.do === 'end' && state.step.token !== undefined;
  if (isDropped && ghostOf(draft, state.plan.attempt)?.isSaveUnknown === true) {
    breaks(draft, 'M10', 'a token was ended although a save of it had an unknown outcome');
  }
  if (Object.values(draft.records).some(({ at }) => at.sealed?.ct === token)) {
    breaks(draft, 'M10', 'the stored token was ended');
  }
  endSession(draft, token);
}

/** Whoever dies, or does not know what became of its save, cannot end what it holds. */
function excuse(draft: Draft, { outcome, state }: Attempting): void {
  if (outcome?.ok === true) endSession(draft, outcome.token.access_token);
  for (let { step } = state; ; step = step.then) {
    if ((step.do === 'save' || step.do === 'end') && step.token !== undefined)
      endSession(draft, step.token.access_token);
    if (step.do !== 'settle' && step.do !== 'end') return;
  }
}

/** The attempt after the result of its step, as the flight goes on with it. */
function advance(
  context: Context,
  draft: Draft,
  index: number,
  result: AttemptResult,
  change: Partial<Attempting> = {},
): void {
  const doing = draft.workers[index]?.doing;
  if (doing?.kind !== 'attempt') return;
  const tools: WriteTools = { cipher: CIPHER, random: () => 0.5, uuid: () => identity(draft) };
  const state = leanState(context.protocol.nextStep(doing.state, result, tools), doing.state);
  if (state.step.do === 'finish') {
    setIdle(draft, index);
    return;
  }
  const { outcome: _outcome, ...rest } = { ...doing, ...change };
  replaceWorker(draft, index, { doing: { ...rest, state, phase: 'ready', isRepeated: false } });
}

/** A seal is the plaintext: the model does not look at ciphertexts. */
const CIPHER: WriteTools['cipher'] = {
  seal: (plaintext) => ({ ct: plaintext, iv: '', kid: '' }),
  open: ({ ct }) => ct,
  fingerprint: (parts) => parts.at(-1) ?? '',
};

/** Of the record that was acquired only what the machine looks at is kept. */
function leanState(state: AttemptState, before: AttemptState): AttemptState {
  const { base } = state;
  if (base === undefined || base === before.base) return state;
  const { id, epoch, rev, cfg_ver, at, rt } = leanRecord(base.record);
  // What stood there is ended where it was replaced.
  const isEnded = state.plan.configuration.exchange.end !== null;
  const lean = { ...SEEN, id, epoch, rev, cfg_ver, at: isEnded ? withoutTimes(at) : { id: at.id } };
  const record = rt === undefined ? lean : { ...lean, rt: withoutOrigin(rt) };
  return { ...state, plan: { ...state.plan, seen: SEEN }, base: { ...base, record } };
}

function withoutTimes({ expires_at: _expiresAt, ...at }: AccessTokenPart): AccessTokenPart {
  return at;
}

function withoutOrigin({ from: _from, ...rt }: RefreshTokenPart): RefreshTokenPart {
  return { ...rt, by: '' };
}

type WriteStep<Do extends AttemptStep['do']> = AttemptStep & { readonly do: Do };

/** Acquire, confirm and extend: an unknown outcome is the attempt's to judge. */
function leaseEvents(
  context: Context,
  world: World,
  index: number,
  step: WriteStep<'acquire' | 'confirm' | 'extend'>,
): void {
  const { protocol } = context;
  const write = (next: Draft): AttemptResult => {
    const id = configurationOf(next, index).id;
    const { applied, record } = writeRecord(protocol, next, id, step.write);
    if (applied && record !== undefined) noteLease(next, index, step, record);
    return applied && record !== undefined
      ? { kind: 'applied', record, now: NOW }
      : { kind: 'refused', ...(record === undefined ? {} : { record }) };
  };
  emitStep(context, world, `${name(index)}: ${writeText(step)}`, (next) => {
    const result = write(next);
    const change = result.kind === 'applied' ? lasting(step) : {};
    advance(context, next, index, result, change);
  });
  emitFault(context, world, 'lost-reply', `${name(index)}: ${writeText(step)}, the reply is lost`, (next) => {
    write(next);
    advance(context, next, index, { kind: 'unknown' });
  });
  emitFault(context, world, 'outage', `${name(index)}: ${writeText(step)}, which does not reach the store`, (next) => {
    advance(context, next, index, { kind: 'unknown' });
  });
  emitFault(context, world, 'late-write', `${name(index)}: ${writeText(step)}, which is given up under way`, (next) => {
    sendLate(next, index, step.write);
    advance(context, next, index, { kind: 'unknown' });
  });
}

function sendLate(draft: Draft, index: number, write: TokenTransition): void {
  const { ghost } = attemptOf(draft, index);
  const recordId = configurationOf(draft, index).id;
  draft.underway = [...draft.underway, { recordId, write, ...(ghost === undefined ? {} : { ghost }) }];
}

/** What was given up arrives. */
export function arrive({ protocol }: Pick<Context, 'protocol'>, draft: Draft, entry: Underway): void {
  const { recordId, write } = entry;
  const { applied, record } = writeRecord(protocol, draft, recordId, write);
  draft.underway = draft.underway.filter((other) => other.write !== write);
  if (!applied || record === undefined || write.kind !== 'acquire') return;
  const index = draft.workers.findIndex(({ doing }) => isAttempt(doing, write.attempt));
  if (index >= 0) noteLease(draft, index, { do: 'acquire', write }, record);
}

/** The lease lasts for another request, and the start check counts from here. */
function lasting(step: AttemptStep): Partial<Attempting> {
  const replays = step.do === 'extend' && step.write.replaysRt === true;
  return { isLate: false, requests: 0, ...(replays ? { replays } : {}) };
}

function noteLease(draft: Draft, index: number, step: AttemptStep, { epoch }: TokenRecord): void {
  const doing = draft.workers[index]?.doing;
  if (doing?.kind !== 'attempt' || step.do !== 'acquire') return;
  const ghost = { epoch, isAtOvertaken: false, isRtOvertaken: false, hasLanded: false, isSaveUnknown: false };
  replaceWorker(draft, index, { doing: { ...doing, ghost } });
}

function writeText(step: AttemptStep): string {
  if (step.do === 'extend') return step.write.replaysRt === true ? 'extend, to present the token in doubt' : 'extend';
  return step.do;
}

function attemptOf(draft: Draft, index: number): Attempting {
  const doing = draft.workers[index]?.doing;
  if (doing?.kind !== 'attempt') throw new TypeError('No attempt is under way.');
  return doing;
}

function configurationOf(draft: Draft, index: number): TokenConfiguration {
  return attemptOf(draft, index).state.plan.configuration;
}

/** The saver: sends it again as long as the outcome is unknown. */
function saveEvents(context: Context, world: World, index: number, doing: Attempting, step: WriteStep<'save'>): void {
  const { attempt, configuration } = doing.state.plan;
  const write = (next: Draft): AttemptResult => {
    const { applied, record } = writeRecord(context.protocol, next, configuration.id, step.write);
    if (applied && record !== undefined) return { kind: 'applied', record, now: NOW };
    return {
      kind: 'refused',
      ...(record === undefined ? {} : { record }),
      ...(doing.isRepeated ? { repeated: true } : {}),
    };
  };
  const repeat = (next: Draft): void => {
    noteSaveUnknown(next, attempt);
    excuse(next, doing);
    const current = next.workers[index]?.doing;
    if (current?.kind === 'attempt') replaceWorker(next, index, { doing: { ...current, isRepeated: true } });
  };
  emitStep(context, world, `${name(index)}: save`, (next) => {
    const result = write(next);
    if (doing.isSpooled) next.spool = next.spool.filter(({ save }) => save.attempt !== attempt);
    checkDrop(next, doing, step, result);
    advance(context, next, index, result);
  });
  emitFault(context, world, 'lost-reply', `${name(index)}: save, the reply is lost`, (next) => {
    write(next);
    repeat(next);
  });
  if (!doing.isRepeated) {
    emitFault(context, world, 'outage', `${name(index)}: save, which does not reach the store`, repeat);
    emitFault(context, world, 'late-write', `${name(index)}: save, which is given up under way`, (next) => {
      repeat(next);
      sendLate(next, index, step.write);
    });
    return;
  }
  spoolEvents(context, world, index, doing, step);
}

function spoolEvents(context: Context, world: World, index: number, doing: Attempting, step: WriteStep<'save'>): void {
  const { configuration } = doing.state.plan;
  const { ghost } = doing;
  if (!context.settings.spools || ghost === undefined) return;
  if (!doing.isSpooled) {
    emitStep(context, world, `${name(index)} spools its save`, (next) => {
      next.spool = [...next.spool, { recordId: configuration.id, save: step.write, ghost }];
      replaceWorker(next, index, { doing: { ...doing, isSpooled: true } });
    });
    return;
  }
  emitStep(context, world, `${name(index)} is closed while its save is spooled`, (next) => {
    advance(context, next, index, { kind: 'unknown' });
  });
}

/** G2: a successor is dropped only where its predecessor is not there any more, or somebody later has brought another. */
function checkDrop(draft: Draft, doing: Attempting, { write }: WriteStep<'save'>, result: AttemptResult): void {
  if (result.kind !== 'refused' || write.rt === undefined || write.presented === undefined) return;
  const { record } = result;
  const hasLanded = doing.ghost?.hasLanded === true;
  if (record === undefined || hasLanded || record.cfg_ver !== write.ifCfgVer) return;
  if (record.rt?.fp === write.presented) breaks(draft, 'G2', 'the successor of the stored refresh token was dropped');
}

/** Fail and release: sent again a few times, then left. */
function lesserWriteEvents(
  context: Context,
  world: World,
  index: number,
  doing: Attempting,
  step: WriteStep<'fail' | 'release'>,
): void {
  const { configuration } = doing.state.plan;
  const repeat = (next: Draft): void => {
    const current = next.workers[index]?.doing;
    if (current?.kind === 'attempt') replaceWorker(next, index, { doing: { ...current, isRepeated: true } });
  };
  emitStep(context, world, `${name(index)}: ${step.do}`, (next) => {
    const { applied, record } = writeRecord(context.protocol, next, configuration.id, step.write);
    const result: AttemptResult =
      applied && record !== undefined
        ? { kind: 'applied', record, now: NOW }
        : { kind: 'refused', ...(record === undefined ? {} : { record }) };
    advance(context, next, index, result);
  });
  emitFault(context, world, 'lost-reply', `${name(index)}: ${step.do}, the reply is lost`, (next) => {
    writeRecord(context.protocol, next, configuration.id, step.write);
    repeat(next);
  });
  if (!doing.isRepeated) {
    emitFault(context, world, 'outage', `${name(index)}: ${step.do}, which does not reach the store`, repeat);
    emitFault(context, world, 'late-write', `${name(index)}: ${step.do}, which is given up under way`, (next) => {
      sendLate(next, index, step.write);
      repeat(next);
    });
    return;
  }
  emitStep(context, world, `${name(index)} leaves its ${step.do}`, (next) => {
    advance(context, next, index, { kind: 'unknown' });
  });
}

/** Fifteen seconds pass; whoever has the answer has had its time. */
function watchEvents(context: Context, world: World, index: number): void {
  emitStep(context, world, `${name(index)} has watched`, (next) => {
    const { id } = configurationOf(next, index);
    for (const { recordId, save } of world.spool) if (recordId === id) replay(context, next, save.attempt);
    const doing = next.workers[index]?.doing;
    const base = doing?.kind === 'attempt' ? doing.state.base?.record : undefined;
    const record = next.records[id];
    const unchanged =
      record !== undefined &&
      record.cfg_ver === base?.cfg_ver &&
      record.at.id === base.at.id &&
      record.rt?.fp === base.rt?.fp;
    advance(context, next, index, { kind: 'watched', unchanged });
  });
}

/** What is spooled goes through the same save. */
export function replay({ protocol }: Pick<Context, 'protocol'>, draft: Draft, attempt: string): void {
  const entry = draft.spool.find(({ save }) => save.attempt === attempt);
  if (entry === undefined) return;
  writeRecord(protocol, draft, entry.recordId, entry.save);
  draft.spool = draft.spool.filter((other) => other.save.attempt !== attempt);
}

function admissionEvents(context: Context, world: World, index: number, doing: Attempting): void {
  const { attempt, configuration, person } = doing.state.plan;
  const id = configuration.credentialId ?? '';
  const admit = { kind: 'admit', attempt, ttlMs: 30_000, person } as const;
  const bar = context.protocol.findCredentialBar(world.guards[id], NOW, person);
  if (bar === undefined || (bar.kind === 'busy' && world.guards[id]?.lease?.attempt === attempt)) {
    emitStep(context, world, `${name(index)} is admitted`, (next) => {
      const { applied } = writeGuard(context.protocol, next, id, admit);
      if (applied && person) allowTry(next, id);
      advance(context, next, index, { kind: 'admitted' });
    });
    emitFault(context, world, 'lost-reply', `${name(index)} is admitted, the reply is lost`, (next) => {
      writeGuard(context.protocol, next, id, admit);
      if (person) allowTry(next, id);
    });
  } else if (bar.kind !== 'busy') {
    emitStep(context, world, `${name(index)} is not admitted: ${bar.kind}`, (next) => {
      advance(context, next, index, { kind: 'barred', bar, now: NOW });
    });
  } else {
    emitStep(context, world, `${name(index)} has waited for the guard in vain`, (next) => {
      advance(context, next, index, { kind: 'barred', bar, now: 0 });
    });
  }
  emitFault(context, world, 'outage', `${name(index)} cannot ask the guard`, (next) => {
    advance(context, next, index, { kind: 'barred', bar: { kind: 'busy' }, now: 0 });
  });
}

function settleEvents(context: Context, world: World, index: number, step: WriteStep<'settle'>): void {
  const settle = (next: Draft): void => {
    const { credentialId = '' } = configurationOf(next, index);
    const doing = next.workers[index]?.doing;
    if (doing?.kind !== 'attempt') return;
    const { attempt } = doing.state.plan;
    const { applied } = writeGuard(context.protocol, next, credentialId, {
      kind: 'settle',
      attempt,
      outcome: step.outcome,
    });
    if (applied && step.outcome.kind === 'refused') noteRefusal(next, credentialId);
  };
  emitStep(context, world, `${name(index)} tells the guard: ${step.outcome.kind}`, (next) => {
    settle(next);
    advance(context, next, index, { kind: 'done' });
  });
  emitFault(context, world, 'outage', `${name(index)} cannot tell the guard: ${step.outcome.kind}`, (next) => {
    advance(context, next, index, { kind: 'done' });
  });
}

function sendEvents(context: Context, world: World, index: number, doing: Attempting, step: WriteStep<'send'>): void {
  if (doing.phase === 'sent') {
    emitStep(context, world, `${name(index)} has its answer`, (next) => {
      const { outcome } = doing;
      if (outcome !== undefined) advance(context, next, index, { kind: 'answered', outcome, sentAt: NOW });
    });
    return;
  }
  if (doing.phase === 'ready') {
    if (doing.isLate || context.settings.mishaps.includes('slow')) {
      emitStep(context, world, `${name(index)} is held up before its ${step.grant} request`, (next) => {
        advance(context, next, index, { kind: 'held-up' });
      });
    }
    if (doing.isLate) return;
    emitFault(
      context,
      world,
      'stall',
      `${name(index)} stalls between start check and ${step.grant} request`,
      (next) => {
        replaceWorker(next, index, { doing: { ...doing, phase: 'held-back', isStalled: true } });
      },
    );
  }
  emitRequests(context, world, index, doing, step);
}

function emitRequests(context: Context, world: World, index: number, doing: Attempting, step: WriteStep<'send'>): void {
  const { plan, base } = doing.state;
  const refreshToken = base?.record.rt?.fp;
  const answers = answersTo(world, context.settings, {
    configuration: plan.configuration,
    grant: step.grant,
    ...(step.grant === 'refresh' && refreshToken !== undefined ? { refreshToken } : {}),
    mayBeSpent: doing.replays || doing.isStalled || plan.offersRefused,
    isUncounted: doing.isStalled || doing.isForgotten,
  });
  for (const { what, next, outcome, fault } of answers) {
    if (fault !== undefined && world.budget.faults === 0) continue;
    if (outcome.ok && step.grant === 'primary' && context.settings.ends) {
      next.sessions = [...next.sessions, outcome.token.access_token];
    }
    replaceWorker(next, index, {
      doing: { ...doing, phase: 'sent', outcome, requests: doing.requests + 1 },
    });
    if (fault !== undefined) payFault(next);
    context.emit(
      `${name(index)} sends its ${step.grant} request: ${what}`,
      fault === undefined ? 'step' : 'fault',
      next,
    );
  }
}
