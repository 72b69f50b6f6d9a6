/** The faults to come, in the order they were given. */
import type { Fault, FaultPlace } from './fault.ts';

export class FaultScript {
  #entries: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    const { times = 1 } = fault;
    this.#entries.push({ fault, left: times === 'always' ? Infinity : times });
  }

  clear(): void {
    this.#entries = [];
  }

  /** The first that meets this request; it is used up by one. */
  take(at: FaultPlace, grant?: Fault['grant']): Fault | undefined {
    const entry = this.#entries.find(({ fault, left }) => left > 0 && meets(fault, at, grant));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#entries = this.#entries.filter((other) => other !== entry);
    return entry.fault;
  }
}

function meets(fault: Fault, at: FaultPlace, grant: Fault['grant']): boolean {
  return (fault.at ?? 'token') === at && (fault.grant === undefined || fault.grant === grant);
}
