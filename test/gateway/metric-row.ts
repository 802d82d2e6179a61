// SPDX-License-Identifier: Apache-2.0
// Which row of the metric table a sample belongs to.
import { LABELS, METRICS } from '../../gateway/src/observing/metric-table.ts';

/** The row of a sample: a histogram has several names. */
export function rowOf(sample: string): { readonly labels: readonly (keyof typeof LABELS)[] } {
  const name = sample.replace(/^zhenglian_/, '');
  const rows: Readonly<Record<string, { readonly labels: readonly (keyof typeof LABELS)[] }>> =
    METRICS;
  const row = rows[name] ?? rows[name.replace(/_(?:bucket|sum|count)$/, '')];
  if (row === undefined) throw new Error(`${sample} is in no table`);
  return row;
}
