/** The clock of a process, set forward: what a library asks `Date` is what the provider's clock says. Timers are not moved. */

/** @param offsetMs asked at each use */
export function shiftDate(offsetMs: () => number): void {
  const now = (): number => RealDate.now() + offsetMs();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    get: (target, name, receiver): unknown => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

const RealDate = Date;
