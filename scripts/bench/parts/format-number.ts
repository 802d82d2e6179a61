// SPDX-License-Identifier: Apache-2.0
// Numbers of a table.

/** Whole from a thousand on, three digits below. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : value.toPrecision(3);
}
