/** What keeps a phase from being run at all. Nothing is sent then. */
import { own } from '../kernel/json.ts';
import type { PhasePlan } from './phase-run.ts';
import { missingInputs } from './step-context.ts';
import type { Verdict } from './verdict.ts';

/** `undefined` where nothing does. */
export function obstacleOf(plan: PhasePlan): Verdict | undefined {
  if (plan.steps.length === 0) return NO_STEPS[plan.phase];
  const missing = missingInputs(plan.inputs, neededInputs(plan));
  if (missing.length > 0)
    return obstacle('input_missing', `Not set: ${missing.join(', ')}. Set ${them(missing)} and try again.`);
  const token = plan.request.token ?? {};
  const uses = plan.steps.flatMap((step) => [...step.paths]);
  if (plan.phase !== 'acquire' && uses.includes('token.refresh_token') && isMissing(own(token, 'refresh_token'))) {
    return obstacle('no_refresh_token', 'There is no refresh token to present.');
  }
  return undefined;
}

const NO_STEPS: Readonly<Record<PhasePlan['phase'], Verdict | undefined>> = {
  acquire: {
    class: 'refresh_token',
    error: 'needs_reauthorization',
    advice:
      'This exchange has no credentials to sign in with, only a refresh token, and there is none that works. Set a new one by hand.',
    definite: true,
  },
  refresh: obstacle('document', 'This exchange has no refresh; the token is acquired again.'),
  end: undefined,
};

/** A first token needs every required input; a refresh only what its steps send (a password may be gone by then, RFC 6749 §4.3.1). */
function neededInputs(plan: PhasePlan): PhasePlan['compiled']['exchange']['inputs'] {
  const { inputs } = plan.compiled.exchange;
  if (plan.phase === 'acquire') return inputs;
  const paths = new Set(plan.steps.flatMap((step) => [...step.paths]));
  return inputs.filter((input) => paths.has(`inputs.${input.name}`));
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === '';
}

function them(names: readonly string[]): string {
  return names.length === 1 ? 'it' : 'them';
}

function obstacle(error: string, advice: string): Verdict {
  return { class: 'configuration', error, advice, definite: true };
}
