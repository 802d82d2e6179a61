// SPDX-License-Identifier: Apache-2.0
// One lane or two: field products of both modules, timed in turns once batches are verified in earnest. A few milliseconds
// where the clock is fine, longer under the coarse clocks that browsers give to pages.
import type { ModuleExports } from './exports.ts';

/** Milliseconds, as `performance.now`. */
export type Clock = () => number;
type Racers = Pick<ModuleExports, 'timeLanes' | 'timeScalar'>;

const FIRST_ROUNDS = 1000;
const MOST_ROUNDS = 2 ** 19;
const TICKS = 10;
const SETTLED_MS = 0.5; // a shorter sample is at the mercy of one interrupt
const RACES = 4;
const SERIES = 3;
const READINGS = 2 ** 20;

/**
 * Says whether as many products are done sooner in two lanes than in one. One lane must win each of three series:
 * a series lost to what else the machine does costs speed. Where the clock shows nothing, two lanes.
 */
export function lanesWin(
  { timeLanes, timeScalar }: Racers,
  now: Clock = () => performance.now(),
): boolean {
  if (timeLanes === undefined) return true;
  const spent = (loop: (rounds: number) => void, rounds: number): number => {
    const started = now();
    loop(rounds);
    return now() - started;
  };
  // The doubling warms both up as well: the first runs are the baseline compiler's.
  const enough = Math.max(SETTLED_MS, TICKS * tickOf(now));
  let rounds = FIRST_ROUNDS;
  while (Math.min(spent(timeLanes, rounds), spent(timeScalar, rounds)) < enough) {
    if (rounds >= MOST_ROUNDS) return true;
    rounds *= 2;
  }
  for (let series = 0; series < SERIES; series += 1) {
    const [lanes, scalar]: [number[], number[]] = [[], []];
    for (let race = 0; race < RACES; race += 1) {
      lanes.push(spent(timeLanes, rounds));
      scalar.push(spent(timeScalar, rounds));
    }
    if (lowerHalf(lanes) <= lowerHalf(scalar)) return true;
  }
  return false;
}

/** The sum of the shorter half: interrupts only ever add, and a single sample is as coarse as the clock. */
function lowerHalf(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.slice(0, times.length / 2).reduce((sum, time) => sum + time, 0);
}

/** The step in which the clock moves; none for one that stands still. */
function tickOf(now: Clock): number {
  const next = (from: number): number => {
    for (let reading = 0; reading < READINGS; reading += 1) {
      const time = now();
      if (time > from) return time;
    }
    return from;
  };
  const edge = next(now());
  return next(edge) - edge;
}
