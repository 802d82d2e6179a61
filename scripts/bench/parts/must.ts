// SPDX-License-Identifier: Apache-2.0
// What was asked of a figure beside what it is.
import type { BenchRow } from '../main.ts';
import { formatNumber } from './format-number.ts';

/** What was asked, and whether it was reached. */
export function mustText(row: BenchRow): string {
  const { atLeast, atMost, ratio } = row.must ?? {};
  const asked = [
    ...(atLeast === undefined ? [] : [`≥ ${formatNumber(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${formatNumber(atMost)}`]),
    ...(ratio === undefined ? [] : [`×${formatNumber(ratio)}`]),
  ];
  if (asked.length === 0) return '';
  return `${asked.join(', ')}: ${isMet(row) ? 'met' : isRatioMet(row) ? 'not met here' : 'MISSED'}`;
}

function isMet(row: BenchRow): boolean {
  const { atLeast = -Infinity, atMost = Infinity } = row.must ?? {};
  return row.value >= atLeast && row.value <= atMost && isRatioMet(row);
}

/** Ratios hold on any machine; values move with it. */
export function isRatioMet({ ratio, must }: BenchRow): boolean {
  return must?.ratio === undefined || (ratio !== null && ratio >= must.ratio);
}
