/** What must hold in every state, and what may count as an end of every path. */
import { isAccepted, isRight, accountRevOf, secretRevOf } from './server.ts';
import type { Context } from './worker-events.ts';
import { isUsable } from '../../../src/token/token-state.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import { NOW, type Attempting, type Broken, type World } from './world.ts';

export function findBroken(world: World): Broken | undefined {
  return world.broken ?? requestsInFlight(world) ?? olderTokens(world) ?? unendedSessions(world);
}

function attemptsOf(world: World): readonly Attempting[] {
  return world.workers.flatMap(({ doing }) => (doing.kind === 'attempt' ? doing : []));
}

/** G1: at most one token request in flight per record and `cfg_ver`, and per credential, besides those of workers that have outlived their lease. */
function requestsInFlight(world: World): Broken | undefined {
  const inFlight = attemptsOf(world).filter(({ phase, isStalled }) => phase === 'sent' && !isStalled);
  if (inFlight.length < 2) return undefined;
  const keys = inFlight.map(({ state }) => `${state.plan.configuration.id} ${state.base?.record.cfg_ver}`);
  if (new Set(keys).size < keys.length)
    return { invariant: 'G1', what: 'two token requests are in flight for one token' };
  const credentials = inFlight.flatMap(({ state: { plan, admitted }, isForgotten }) =>
    admitted && !isForgotten ? (plan.configuration.credentialId ?? []) : [],
  );
  if (new Set(credentials).size === credentials.length) return undefined;
  return { invariant: 'G4', what: 'one credential is sent twice at a time' };
}

/** G6. */
function olderTokens({ records, integration, acknowledged }: World): Broken | undefined {
  if (integration === undefined) return undefined;
  const { accountRev, secretRev } = acknowledged;
  for (const { id, at, rt } of Object.values(records)) {
    if (!id.startsWith(`record:${integration.generation}.`)) continue;
    const token = at.sealed?.ct;
    const secretOf = token === undefined ? undefined : secretRevOf(token);
    if (token !== undefined && secretOf !== undefined && (secretOf < secretRev || accountRevOf(token) < accountRev)) {
      return { invariant: 'G6', what: 'an access token of an older account or secret is stored after the edit' };
    }
    if (rt !== undefined && accountRevOf(rt.fp) < accountRev) {
      return { invariant: 'G6', what: 'a refresh token of an older account is stored after the edit' };
    }
  }
  return undefined;
}

/** M10: whoever dropped the token of a primary grant has ended it. */
function unendedSessions(world: World): Broken | undefined {
  if (world.sessions.length === 0) return undefined;
  const held = attemptsOf(world).flatMap(heldTokens);
  if (world.sessions.every((token) => held.includes(token))) return undefined;
  return { invariant: 'M10', what: 'the token of a primary grant was dropped and not ended' };
}

function heldTokens({ outcome, state }: Attempting): readonly string[] {
  const held = outcome?.ok === true ? [outcome.token.access_token] : [];
  for (let { step } = state; ; step = step.then) {
    if ((step.do === 'save' || step.do === 'end') && step.token !== undefined) held.push(step.token.access_token);
    if (step.do !== 'settle' && step.do !== 'end') return held;
  }
}

/** An end of a path: every token of the integration is there, or cannot be had. */
export function isGoal(context: Context, world: World): boolean {
  const { integration } = world;
  if (integration === undefined) return true;
  const scopes = new Set(world.workers.map(({ scope }) => scope));
  return [...scopes].every((scope) => {
    const configuration = context.configurations.get(integration, scope);
    const record = world.records[configuration.id];
    const isStored = record !== undefined && record.rev === integration.rev && isUsable(record, NOW);
    return isStored || !canBeHad(context, world, configuration, record);
  });
}

/** Whether the provider would give a token to what the fleet has. */
function canBeHad(
  context: Context,
  world: World,
  configuration: TokenConfiguration,
  record: TokenRecord | undefined,
): boolean {
  const { settings } = context;
  const isSecretRight = isRight(settings, configuration);
  if (configuration.hasPrimary && isSecretRight && !isClosed(world, configuration)) return true;
  if (record === undefined || (settings.secret === 'client_secret' && !isSecretRight)) return false;
  if (record.rt !== undefined && isAccepted(world.server, settings, record.rt.fp)) return true;
  return attemptsOf(world).some((attempt) => bringsSuccessor(context, world, attempt, record));
}

function bringsSuccessor(
  { settings, protocol }: Context,
  world: World,
  { state }: Attempting,
  record: TokenRecord,
): boolean {
  const { step } = state;
  if (step.do !== 'save' || step.write.rt === undefined || state.plan.configuration.id !== record.id) return false;
  return (
    isAccepted(world.server, settings, step.write.rt.fp) &&
    protocol.applyTransition(record, step.write, NOW) !== undefined
  );
}

/** After two tries that nobody answered a credential that has never worked stays closed until an edit. */
function isClosed({ guards, explained, budget }: World, { credentialId }: TokenConfiguration): boolean {
  const guard = credentialId === undefined ? undefined : guards[credentialId];
  if (guard === undefined || guard.tries < 2 || explained < 2) return false;
  return !guard.worked || budget.quarters === 0;
}
