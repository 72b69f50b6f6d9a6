/** Every state that can be reached, breadth first: the first that breaks an invariant is the shortest way there. */
import { createCanonicalKeys } from './canonical.ts';
import { createConfigurations } from './configuration.ts';
import { editEvents } from './edit-events.ts';
import { initialWorld } from './initial-world.ts';
import { findBroken, isGoal } from './invariants.ts';
import type { Protocol } from './protocol.ts';
import { statesThatReach } from './reachability.ts';
import { createNumbers, createSeenStates } from './seen-states.ts';
import { timeEvents } from './time-events.ts';
import { workerEvents, type Context, type EventKind } from './worker-events.ts';
import type { Broken, Draft, Settings, World } from './world.ts';

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** What has happened somewhere, each text once. */
  readonly events: readonly string[];
  readonly counterExample?: CounterExample;
}

export interface CounterExample extends Broken {
  /** What leads there, in order. */
  readonly events: readonly string[];
}

/** @param most more states are an error: a configuration is meant to be exhausted */
export function explore(protocol: Protocol, settings: Settings, most = 20_000_000): Exploration {
  const configurations = createConfigurations(settings);
  const canonicalKey = createCanonicalKeys();
  const seen = createSeenStates();
  /** From, to: without fault, edit and command. */
  const edges = createNumbers();
  const goals = createNumbers();
  let frontier: (readonly [index: number, world: World])[] = [];
  let next: typeof frontier = [];
  let current = -1;
  let transitions = 0;
  let counterExample: CounterExample | undefined;

  function visit(what: string, kind: EventKind, world: Draft): void {
    if (counterExample !== undefined) return;
    transitions += 1;
    const broken = findBroken(world);
    if (broken !== undefined) {
      counterExample = { ...broken, events: [...seen.pathTo(current), what] };
      return;
    }
    const { index, isNew } = seen.add(canonicalKey(world), current, what);
    if (kind === 'step' && current >= 0) {
      edges.push(current);
      edges.push(index);
    }
    if (!isNew) return;
    if (index >= most) throw new RangeError(`More than ${most} states.`);
    if (isGoal(context, world)) goals.push(index);
    next.push([index, world]);
  }

  const context: Context = { settings, protocol, configurations, emit: visit };
  visit('the start', 'edit', initialWorld(settings, configurations));
  while (next.length > 0 && counterExample === undefined) {
    [frontier, next] = [next, []];
    for (const [index, world] of frontier) {
      current = index;
      eventsOf(context, world);
    }
  }
  counterExample ??= deadEnd();

  /** Liveness: a state from which no path without further faults leads to a goal. */
  function deadEnd(): CounterExample | undefined {
    const index = statesThatReach(seen.size(), edges, goals).indexOf(0);
    if (index < 0) return undefined;
    return { invariant: 'liveness', what: 'from here no path leads to a stored token', events: seen.pathTo(index) };
  }

  return {
    states: seen.size(),
    transitions,
    events: seen.events(),
    ...(counterExample === undefined ? {} : { counterExample }),
  };
}

function eventsOf(context: Context, world: World): void {
  for (let index = 0; index < world.workers.length; index += 1) workerEvents(context, world, index);
  timeEvents(context, world);
  editEvents(context, world);
}

/** As a person reads it. */
export function counterExampleText({ invariant, what, events }: CounterExample): string {
  return [`${invariant}: ${what}`, ...events.map((event, index) => `${index + 1}. ${event}`)].join('\n');
}
