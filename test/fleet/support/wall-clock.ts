/**
 * This process's wall clock, set wrong. Not at a port: a machine's wrong clock is wrong for the program, its driver and its store alike, and no option
 * may hide from the test who reads it where.
 */
const right = Date.now;
let wrongByMs = 0;

Date.now = () => right() + wrongByMs;

/** Sets it to so much before or after the right time, milliseconds. */
export function setWallClock(offsetMs: number): void {
  wrongByMs = offsetMs;
}
