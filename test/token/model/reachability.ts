/** Which states reach a goal, by the edges backwards. */
import type { Numbers } from './seen-states.ts';

/** @param edges pairs of from and to @returns 1 for each state that reaches a goal */
export function statesThatReach(states: number, edges: Numbers, goals: Numbers): Uint8Array {
  const { starts, sources } = reversed(states, edges);
  const reaches = new Uint8Array(states);
  const open: number[] = [];
  for (let at = 0; at < goals.size(); at += 1) {
    reaches[goals.at(at)] = 1;
    open.push(goals.at(at));
  }
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
function reversed(states: number, edges: Numbers): { readonly starts: Int32Array; readonly sources: Int32Array } {
  const starts = new Int32Array(states + 2);
  for (let at = 1; at < edges.size(); at += 2) starts[edges.at(at) + 2]! += 1;
  for (let state = 2; state < starts.length; state += 1) starts[state]! += starts[state - 1] ?? 0;
  const sources = new Int32Array(edges.size() / 2);
  for (let at = 0; at < edges.size(); at += 2) {
    const slot = edges.at(at + 1) + 1;
    sources[starts[slot] ?? 0] = edges.at(at);
    starts[slot]! += 1;
  }
  return { starts, sources };
}
