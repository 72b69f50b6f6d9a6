/** Every state that can be reached, breadth first: the first that breaks an invariant is the shortest way there. */
import { canonicalKey } from './canonical.ts';
import { createConfigurations } from './configuration.ts';
import { editEvents } from './edit-events.ts';
import { initialWorld } from './initial-world.ts';
import { findBroken, isGoal } from './invariants.ts';
import type { Protocol } from './protocol.ts';
import { timeEvents } from './time-events.ts';
import { workerEvents, type Context, type EventKind } from './worker-events.ts';
import type { Broken, Draft, Settings, World } from './world.ts';

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The events that lead to the broken invariant, in order. */
  readonly counterExample?: CounterExample;
}

export interface CounterExample extends Broken {
  readonly events: readonly string[];
}

interface Seen {
  readonly indexOf: Map<string, number>;
  readonly parents: number[];
  readonly labels: string[];
  /** Edges without fault, edit and command, as pairs. */
  readonly edges: number[];
  readonly goals: number[];
}

/** @param most more states are an error: a configuration is meant to be exhausted */
export function explore(protocol: Protocol, settings: Settings, most = 3_000_000): Exploration {
  const configurations = createConfigurations(settings);
  const seen: Seen = { indexOf: new Map(), parents: [], labels: [], edges: [], goals: [] };
  const queue: (World | undefined)[] = [];
  let transitions = 0;
  let current = -1;
  let counterExample: CounterExample | undefined;

  function visit(what: string, kind: EventKind, world: Draft): void {
    if (counterExample !== undefined) return;
    transitions += 1;
    const broken = findBroken(world);
    if (broken !== undefined) {
      counterExample = { ...broken, events: [...pathTo(seen, current), what] };
      return;
    }
    const key = canonicalKey(world);
    let index = seen.indexOf.get(key);
    if (index === undefined) {
      index = queue.length;
      if (index >= most) throw new RangeError(`More than ${most} states.`);
      seen.indexOf.set(key, index);
      seen.parents.push(current);
      seen.labels.push(what);
      queue.push(world);
      if (isGoal(context, world)) seen.goals.push(index);
    }
    if (kind === 'step' && current >= 0) seen.edges.push(current, index);
  }

  const context: Context = { settings, protocol, configurations, emit: visit };
  visit('the start', 'edit', initialWorld(settings, configurations));
  for (current = 0; current < queue.length && counterExample === undefined; current += 1) {
    const world = queue[current];
    queue[current] = undefined;
    if (world === undefined) break;
    for (let index = 0; index < world.workers.length; index += 1) workerEvents(context, world, index);
    timeEvents(context, world);
    editEvents(context, world);
  }
  const found = counterExample ?? deadEnd(seen);
  return { states: queue.length, transitions, ...(found === undefined ? {} : { counterExample: found }) };
}

function pathTo({ parents, labels }: Seen, index: number): readonly string[] {
  const events: string[] = [];
  for (let at = index; at > 0; at = parents[at] ?? -1) events.unshift(labels[at] ?? '');
  return events;
}

/** Liveness: a state from which no path without further faults leads to a goal. */
function deadEnd(seen: Seen): CounterExample | undefined {
  const reaches = statesThatReach(seen);
  const index = reaches.indexOf(0);
  if (index < 0) return undefined;
  return { invariant: 'liveness', what: 'from here no path leads to a stored token', events: pathTo(seen, index) };
}

function statesThatReach({ parents, edges, goals }: Seen): Uint8Array {
  const { starts, sources } = reversed(edges, parents.length);
  const reaches = new Uint8Array(parents.length);
  const open = [...goals];
  for (const goal of goals) reaches[goal] = 1;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (let at = starts[state] ?? 0; at < (starts[state + 1] ?? 0); at += 1) {
      const source = sources[at] ?? 0;
      if (reaches[source] === 1) continue;
      reaches[source] = 1;
      open.push(source);
    }
  }
  return reaches;
}

/** The edges by where they lead: those into state `s` are `sources[starts[s]]` to `sources[starts[s + 1] - 1]`. */
function reversed(edges: readonly number[], states: number): { readonly starts: Int32Array; readonly sources: Int32Array } {
  const starts = new Int32Array(states + 2);
  for (let at = 1; at < edges.length; at += 2) starts[(edges[at] ?? 0) + 2]! += 1;
  for (let state = 2; state < starts.length; state += 1) starts[state]! += starts[state - 1] ?? 0;
  const sources = new Int32Array(edges.length / 2);
  for (let at = 0; at < edges.length; at += 2) {
    const target = (edges[at + 1] ?? 0) + 1;
    sources[starts[target] ?? 0] = edges[at] ?? 0;
    starts[target]! += 1;
  }
  return { starts, sources };
}
