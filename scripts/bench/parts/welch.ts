// SPDX-License-Identifier: Apache-2.0
// Welch's t between two samples of times, after cropping the slow tail at several places: what dudect computes.

const CROPS = [0.5, 0.7, 0.9, 0.99, 1];

/** The largest |t| over the crops, which are quantiles of both samples together. */
export function largestT(left: readonly number[], right: readonly number[]): number {
  const all = Float64Array.from([...left, ...right]).sort();
  return CROPS.reduce((largest, crop) => {
    const limit = all[Math.floor((all.length - 1) * crop)] ?? Infinity;
    const within = (list: readonly number[]): number[] => list.filter((time) => time <= limit);
    return Math.max(largest, Math.abs(welch(within(left), within(right))));
  }, 0);
}

function welch(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [moments(left), moments(right)];
  const error = Math.sqrt(a.variance / left.length + b.variance / right.length);
  return error === 0 ? 0 : (a.mean - b.mean) / error;
}

function moments(values: readonly number[]): Readonly<{ mean: number; variance: number }> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}
