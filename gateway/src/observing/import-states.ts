// SPDX-License-Identifier: Apache-2.0
// How many imports are in which state: read when metrics are asked for.
import { decodeJob, importKey } from '../imports/import-job.ts';
import { IMPORT_STATES } from '../imports/import-states.ts';
import type { Table } from '../store/table.ts';

/** Counts the imports of a store by state; a state that none is in counts 0. */
export async function countImports(store: Table): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>(IMPORT_STATES.map((state) => [state, 0]));
  for await (const { value } of store.range({ prefix: importKey.job('') })) {
    const { state } = decodeJob(value);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}
