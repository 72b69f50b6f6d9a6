/** The thin part that acts: builds a step's request, sends it, reads the answer, and goes on to the next. */
import { EverbearerError } from '../errors.ts';
import { HttpFailure, type HttpResponse } from '../kernel/http-client.ts';
import { readAnswer } from './answer.ts';
import type { CompiledStep } from './compiled-exchange.ts';
import type { ExchangePorts } from './exchange-request.ts';
import { grantKindOf } from './grant-kind.ts';
import {
  carriesRefreshToken,
  failed,
  phaseStart,
  stepStart,
  type PhasePlan,
  type PhaseProgress,
  type PhaseRun,
} from './phase-run.ts';
import { buildStepRequest, type StepRequest } from './step-request.ts';
import { processStepResponse } from './step-response.ts';
import { verdictOnHttpFailure } from './transport-failure.ts';
import type { Verdict } from './verdict.ts';

/** Runs the steps in order, up to the first that fails. */
export async function runPhase(plan: PhasePlan, ports: ExchangePorts): Promise<PhaseRun> {
  let progress = phaseStart(plan, ports.clock.now());
  for (const step of plan.steps) {
    const run = await runStep(plan, ports, stepStart(progress, step.step.name, ports.clock.now()), step);
    if (!run.ok) return run;
    progress = run.progress;
  }
  return { ok: true, progress };
}

async function runStep(
  plan: PhasePlan,
  ports: ExchangePorts,
  before: PhaseProgress,
  step: CompiledStep,
): Promise<PhaseRun> {
  const built = build(plan, ports, before, step);
  if ('verdict' in built) return failed(plan, before, built.verdict);
  const { request } = built;
  const reply = await send(plan, ports, request);
  const wasSent = !(reply instanceof HttpFailure) || reply.sent;
  const sent = {
    ...before,
    url: request.url,
    sent: before.sent || wasSent,
    presentedRefreshToken: before.presentedRefreshToken || (wasSent && carriesRefreshToken(plan, step)),
  };
  if (reply instanceof HttpFailure) return failed(plan, { ...sent, ...headOf(reply) }, verdictOnHttpFailure(reply));
  return await judge(plan, sent, step, reply);
}

function headOf({ head }: HttpFailure): Pick<PhaseProgress, 'head'> {
  return head === undefined ? {} : { head };
}

function build(
  plan: PhasePlan,
  ports: ExchangePorts,
  progress: PhaseProgress,
  step: CompiledStep,
): { readonly request: StepRequest } | { readonly verdict: Verdict } {
  const { clientAuth, token } = plan.request;
  try {
    const request = buildStepRequest(step, {
      inputs: plan.inputs,
      steps: progress.outputs,
      token: token ?? {},
      now: progress.sentAt,
      uuid: ports.clock.uuid(),
      ...(clientAuth === undefined ? {} : { clientAuth }),
      ...(ports.signer === undefined ? {} : { signer: ports.signer }),
    });
    return { request };
  } catch (error) {
    return { verdict: verdictOnDocument(error) };
  }
}

/** What an exchange document or its inputs are at fault for. Anything else is a bug and is thrown. */
export function verdictOnDocument(error: unknown): Verdict {
  if (!(error instanceof EverbearerError)) throw error;
  return {
    class: 'configuration',
    error: error.details?.['input'] === undefined ? 'document' : 'input_missing',
    advice: [error.message, error.hint].filter((text) => text !== undefined).join(' '),
    definite: false,
  };
}

async function send(plan: PhasePlan, ports: ExchangePorts, request: StepRequest): Promise<HttpResponse | HttpFailure> {
  const { destination, limits, signal, mayStart } = plan.request;
  try {
    return await ports.http.request({
      method: request.method,
      url: request.url.href,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      // Whatever is spent by being sent must not meet a server that closes the connection at that moment (F9).
      connection: 'new',
      destination,
      limits,
      ...(signal === undefined ? {} : { signal }),
      ...(mayStart === undefined ? {} : { mayStart }),
    });
  } catch (error) {
    if (error instanceof HttpFailure) return error;
    throw error;
  }
}

async function judge(
  plan: PhasePlan,
  sent: PhaseProgress & { readonly url: URL },
  { step }: CompiledStep,
  response: HttpResponse,
): Promise<PhaseRun> {
  const answer = await readAnswer(response);
  const answered = { ...sent, answer };
  const result = processStepResponse(step, answer, {
    grant: grantKindOf(plan.compiled.exchange, plan.phase),
    url: sent.url,
    ...(plan.jsonpath === undefined ? {} : { jsonpath: plan.jsonpath }),
  });
  if (!result.ok) return failed(plan, answered, result.verdict);
  const answers = new Map([...sent.answers, [step.name, answer]]);
  return { ok: true, progress: { ...answered, answers, outputs: { ...sent.outputs, [step.name]: result.outputs } } };
}
