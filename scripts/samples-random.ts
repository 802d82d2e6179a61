// SPDX-License-Identifier: Apache-2.0
// A small generator of repeatable numbers for sample data (sfc32). Not for keys.

/** Repeatable choices: the same seed gives the same sequence on every machine. */
export interface SampleRandom {
  /** A whole number from 0 to limit − 1. */
  below(limit: number): number;
  /** A whole number from least to most, both included. */
  between(least: number, most: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items, each as likely as its weight says (1 where none is given). */
  pick<T>(items: readonly T[], weights?: readonly number[]): T;
}

/** Creates the generator of a seed. */
export function createSampleRandom(seed: string): SampleRandom {
  const next = sfc32(seed);
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => next() / 2 ** 32 < probability,
    pick: (items, weights) => itemAt(items, weights, below),
  };
}

function itemAt<T>(
  items: readonly T[],
  weights: readonly number[] | undefined,
  below: (limit: number) => number,
): T {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? items.length;
  let left = below(total);
  for (const [i, item] of items.entries()) {
    left -= weights?.[i] ?? 1;
    if (left < 0) return item;
  }
  throw new TypeError('nothing to pick from');
}

function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [fnv1a(`a${seed}`), fnv1a(`b${seed}`), fnv1a(`c${seed}`), 1];
  const next = () => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + result) >>> 0;
    return result;
  };
  for (let i = 0; i < 16; i += 1) next();
  return next;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
