// SPDX-License-Identifier: Apache-2.0
// What a list of measurements comes to.

/** The value that a share of the list does not exceed (nearest rank); the list is not empty. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('a quantile of nothing');
  return value;
}

/** The middle of the list; the mean of the two in the middle where there are two. */
export function median(values: readonly number[]): number {
  const half = Math.floor(values.length / 2);
  const upper = quantile(values, (half + 1) / values.length);
  return values.length % 2 === 1 ? upper : (quantile(values, half / values.length) + upper) / 2;
}
