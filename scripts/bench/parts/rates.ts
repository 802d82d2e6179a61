// SPDX-License-Identifier: Apache-2.0
// How often a second things can be done: all of them in one process, in turns and over several rounds, so that
// what else the machine does falls on all alike. Medians of the rounds.
import { performance } from 'node:perf_hooks';
import type { BenchRow } from '../main.ts';
import { median } from './quantiles.ts';

/** Something that is done again and again. A promise is waited for. */
export type Work = () => unknown;

/** One figure: ours, those of others by name, and the other that the ratio is to. */
export interface Contest {
  readonly figure: string;
  readonly ours: Work;
  readonly peers: Readonly<Record<string, Work>>;
  readonly ratioTo: string;
}

const ROUNDS = 5;
const OURS = '';

/** Measures every contest for `seconds` a work, spread over the rounds. */
export async function measureRates(
  contests: readonly Contest[],
  seconds: number,
): Promise<BenchRow[]> {
  const lanes = contests.flatMap((contest) =>
    [[OURS, contest.ours] as const, ...Object.entries(contest.peers)].map(([name, work]) => ({
      contest,
      name,
      work,
      rates: new Array<number>(),
    })),
  );
  for (const { work } of lanes) await perSecond(work, Math.min(0.1, seconds / ROUNDS));
  for (let round = 0; round < ROUNDS; round += 1) {
    // Nobody always runs behind the same other: each round goes the other way through the list.
    for (const lane of round % 2 === 0 ? lanes : [...lanes].reverse()) {
      lane.rates.push(await perSecond(lane.work, seconds / ROUNDS));
    }
  }
  return contests.map((contest) => {
    const own = lanes.filter((lane) => lane.contest === contest);
    const rates = new Map(own.map(({ name, rates }) => [name, rates]));
    return rowOf(contest, rates);
  });
}

function rowOf(contest: Contest, rates: ReadonlyMap<string, readonly number[]>): BenchRow {
  const ours = rates.get(OURS) ?? [];
  const theirs = rates.get(contest.ratioTo);
  return {
    figure: contest.figure,
    unit: '/s',
    value: round(median(ours)),
    peers: Object.fromEntries(
      [...rates].filter(([name]) => name !== OURS).map(([name, r]) => [name, round(median(r))]),
    ),
    // Of each round, then the median: neighbours in time are compared.
    ratio: theirs ? round(median(ours.map((rate, i) => rate / (theirs[i] ?? rate)))) : null,
  };
}

async function perSecond(work: Work, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let times = 0;
  let now = start;
  while (now < end) {
    const result = work();
    if (result instanceof Promise) await result;
    times += 1;
    now = performance.now();
  }
  return (times * 1000) / (now - start);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
