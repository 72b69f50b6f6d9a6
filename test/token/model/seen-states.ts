/** What is kept of each state: a 64-bit hash of its canonical form, where it was reached from and by which event. A few bytes, for there are millions. */

export interface SeenStates {
  readonly size: () => number;
  /** @returns the state's number, and whether it is new */
  readonly add: (key: string, from: number, event: string) => { readonly index: number; readonly isNew: boolean };
  /** What has led to a new state, each text once. */
  readonly events: () => readonly string[];
  /** The events that lead to a state, in order. */
  readonly pathTo: (index: number) => readonly string[];
}

/** Two states of one hash would be taken for one: with ten million states that happens once in 400,000 explorations. */
export function createSeenStates(): SeenStates {
  const events: string[] = [];
  const eventNumbers = new Map<string, number>();
  const parents = createNumbers();
  const labels = createNumbers();
  const high = createNumbers();
  const low = createNumbers();
  let slots = new Int32Array(1 << 16).fill(-1);

  function slotOf(upper: number, lower: number): number {
    const mask = slots.length - 1;
    let slot = (upper ^ Math.imul(lower, 0x9e3779b1)) & mask;
    for (;;) {
      const index = slots[slot] ?? -1;
      if (index < 0 || (high.at(index) === upper && low.at(index) === lower)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function grow(): void {
    slots = new Int32Array(slots.length * 2).fill(-1);
    for (let index = 0; index < high.size(); index += 1) slots[slotOf(high.at(index), low.at(index))] = index;
  }

  function eventNumber(event: string): number {
    const known = eventNumbers.get(event);
    if (known !== undefined) return known;
    eventNumbers.set(event, events.length);
    return events.push(event) - 1;
  }

  return {
    size: () => high.size(),
    events: () => events,
    add(key, from, event) {
      const [upper, lower] = hashed(key);
      const slot = slotOf(upper, lower);
      const known = slots[slot] ?? -1;
      if (known >= 0) return { index: known, isNew: false };
      const index = high.size();
      slots[slot] = index;
      high.push(upper);
      low.push(lower);
      parents.push(from);
      labels.push(eventNumber(event));
      if (index * 2 > slots.length) grow();
      return { index, isNew: true };
    },
    pathTo(index) {
      const path: string[] = [];
      for (let at = index; at > 0; at = parents.at(at)) path.unshift(events[labels.at(at)] ?? '');
      return path;
    },
  };
}

/** Two independent 32-bit hashes (the mixing of MurmurHash3). */
function hashed(text: string): readonly [number, number] {
  let upper = 0x2545f491;
  let lower = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    upper = Math.imul(upper ^ code, 0x85ebca6b);
    lower = Math.imul(lower ^ code, 0xc2b2ae35);
    upper ^= upper >>> 15;
    lower ^= lower >>> 13;
  }
  return [mixed(upper, lower), mixed(lower, upper)];
}

function mixed(a: number, b: number): number {
  const first = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  return first ^ (first >>> 16);
}

/** A growing list of 32-bit numbers. */
export interface Numbers {
  readonly size: () => number;
  readonly at: (index: number) => number;
  readonly push: (value: number) => void;
}

export function createNumbers(): Numbers {
  let values = new Int32Array(1 << 12);
  let size = 0;
  return {
    size: () => size,
    at: (index) => values[index] ?? 0,
    push(value) {
      if (size === values.length) {
        const longer = new Int32Array(size * 2);
        longer.set(values);
        values = longer;
      }
      values[size] = value;
      size += 1;
    },
  };
}
