/** A request to one of the endpoints that give tokens, with what may happen to it on the way: too many at once, a fault, a pause. */
import type { Clock } from '../kernel/clock.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import type { AuthorizationServerPorts } from './authorization-server.ts';
import type { FaultScript } from './fault-script.ts';
import { isProcessed, spoilAnswer } from './fault.ts';
import type { Fault, FaultPlace } from './fault.ts';
import type { HoldGate } from './hold-gate.ts';
import type { GrantName } from './provider-behaviour.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RequestLog, TokenRequestEntry } from './request-log.ts';

export interface TokenEndpointPorts extends AuthorizationServerPorts {
  readonly clock: Clock;
  readonly script: FaultScript;
  readonly gate: HoldGate;
  readonly limit: RateLimit;
  readonly log: RequestLog;
}

/** What the log says of the outcome. */
export type Facts = Pick<
  TokenRequestEntry,
  'outcome' | 'error' | 'access_token' | 'refresh_token' | 'replayed' | 'family_revoked'
>;

export interface Processed {
  readonly answer: Answer;
  readonly facts: Facts;
}

export interface TokenWork {
  /** From `RequestLog.enter`. */
  readonly sequence: number;
  readonly at: FaultPlace;
  /** By which faults choose, and the counters count. */
  readonly grant?: GrantName | 'login';
  /** Of the log: who asked, and for what. */
  readonly description: Partial<TokenRequestEntry>;
  readonly process: () => Processed;
}

/** Does the work unless something stands before it, spoils its answer where that was scripted, and writes the log. */
export async function answerUnderFault(work: TokenWork, ports: TokenEndpointPorts): Promise<Answer> {
  const { sequence, description, grant } = work;
  const waitMs = overLimit(ports);
  const fault = waitMs > 0 ? undefined : ports.script.take(work.at, grant);
  const { answer, facts } = waitMs > 0 ? tooMany(waitMs) : await processUnder(fault, work, ports);
  if (waitMs > 0) ports.log.count('rateLimited');
  const entry = { sequence, at: ports.clock.now(), ...description, ...facts, status: answer.status };
  ports.log.record({ ...entry, ...(fault === undefined ? {} : { fault: fault.name }) }, grant);
  return answer;
}

function overLimit({ behaviour, clock, limit }: TokenEndpointPorts): number {
  const { maxRequestsPerSecond } = behaviour();
  return maxRequestsPerSecond === null ? 0 : limit.admit(clock.now(), maxRequestsPerSecond);
}

function tooMany(waitMs: number): Processed {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
  const error = 'too_many_requests';
  return { answer: jsonAnswer(429, { error }, headers), facts: { outcome: 'refused', error } };
}

async function processUnder(fault: Fault | undefined, work: TokenWork, ports: TokenEndpointPorts): Promise<Processed> {
  const heldBefore = fault?.name === 'hold' && !isProcessed(fault);
  if (heldBefore) await ports.gate.wait();
  const { tokenDelayMs } = ports.behaviour();
  if (tokenDelayMs > 0) await ports.clock.sleep(tokenDelayMs);
  if (fault === undefined || heldBefore) return work.process();
  const processed = isProcessed(fault) ? work.process() : NOT_PROCESSED;
  return { ...processed, answer: spoilAnswer(processed.answer, fault, ports.clock.now()) };
}

const NOT_PROCESSED: Processed = { answer: emptyAnswer(200), facts: { outcome: 'fault' } };
