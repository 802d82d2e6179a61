// SPDX-License-Identifier: Apache-2.0
// How fast an import goes: lines a second over the last quarter to half minute, and how long it will take at that.
import { integer, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';

const time = integer(0, 9_999_999_999);
const count = integer(0, 99_999_999);
const mark = record({ at: time, read: count });

/** Two marks: the rate is taken from the older one. */
export const pace = record({ older: mark, newer: mark });
export type Pace = Shaped<typeof pace>;

const WINDOW_SECONDS = 15;

/** The pace of what begins, or goes on, now. */
export function beginPace(at: number, read: number): Pace {
  return { older: { at, read }, newer: { at, read } };
}

/** The pace after so many lines were read. */
export function keepPace(before: Pace, at: number, read: number): Pace {
  return at - before.newer.at < WINDOW_SECONDS
    ? before
    : { older: before.newer, newer: { at, read } };
}

/** Lines a second, and the seconds that are left; null while nothing is known. */
export function tellPace(
  before: Pace | undefined,
  at: number,
  read: number,
  total: number,
): { readonly rate: number | null; readonly secondsLeft: number | null } {
  if (before === undefined || read <= before.older.read) return { rate: null, secondsLeft: null };
  const rate = (read - before.older.read) / Math.max(1, at - before.older.at);
  return { rate: Math.round(rate), secondsLeft: Math.ceil((total - read) / rate) };
}
