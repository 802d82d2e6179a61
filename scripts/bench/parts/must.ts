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
  return `${asked.join(', ')}: ${isMet(row) ? 'met' : isKept(row) ? 'not met here' : 'MISSED'}`;
}

/** A line for each that must hold on any machine and did not. */
export function failuresOf(rows: readonly BenchRow[]): readonly string[] {
  return rows
    .filter((row) => !isKept(row))
    .map((row) => {
      const against = row.ratio === null ? '' : `, ×${formatNumber(row.ratio)} of OpenSSL`;
      return `${row.figure}: ${formatNumber(row.value)} ${row.unit}${against}; ${mustText(row)}`;
    });
}

function isMet(row: BenchRow): boolean {
  const { atLeast = -Infinity, atMost = Infinity } = row.must ?? {};
  return row.value >= atLeast && row.value <= atMost && isRatioMet(row);
}

/** Ratios and memory hold on any machine; rates and times move with it. */
export function isKept(row: BenchRow): boolean {
  return row.unit === 'MB' ? isMet(row) : isRatioMet(row);
}

/** Whether the ratio that was asked for was reached. */
export function isRatioMet({ ratio, must }: BenchRow): boolean {
  return must?.ratio === undefined || (ratio !== null && ratio >= must.ratio);
}
