// SPDX-License-Identifier: Apache-2.0
// How many licences of an import are anchored: one row a lane, written by that lane's anchoring alone, so that reading
// lines and anchoring never write the same key, and a sum reads a few rows however long the file.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, integer, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';
import type { BatchRecord } from './batch-record.ts';
import { argumentsOf, isVoid } from './leaf.ts';
import type { LeafRun } from './leaf.ts';

const size = integer(0, Number.MAX_SAFE_INTEGER);
const counts = record({ anchored: size, abandoned: size });

/** Licences of an import that are anchored, and that never will be. */
export type ImportCounts = Shaped<typeof counts>;

/** What a batch brings each import. */
export function countLeaves(runs: readonly LeafRun[]): BatchRecord['imports'] {
  const jobs = new Map<string, ImportCounts>();
  for (const run of runs) {
    if (run.job === undefined) continue;
    const { anchored, abandoned } = jobs.get(run.job) ?? NONE;
    const leaves = argumentsOf(run);
    const voids = leaves.filter((argument) => isVoid({ argument })).length;
    jobs.set(run.job, {
      anchored: anchored + leaves.length - voids,
      abandoned: abandoned + voids,
    });
  }
  return [...jobs].map(([job, count]) => ({ job, ...count }));
}

/** The changes that add a batch to the counts of its imports. */
export async function addCounts(store: Table, batch: BatchRecord): Promise<readonly TableChange[]> {
  const changes: TableChange[] = [];
  for (const { job, anchored, abandoned } of batch.imports) {
    const key = `${prefix(job)}${batch.uscc}-${String(batch.epoch)}`;
    const stored = await store.get(key);
    const before = stored === undefined ? NONE : counts(decodeCbor(stored), 'count');
    const after = {
      anchored: before.anchored + anchored,
      abandoned: before.abandoned + abandoned,
    };
    changes.push({ key, value: encodeCbor(asCbor(after)) });
  }
  return changes;
}

/** Sums of an import. */
export async function loadImportCounts(
  { store }: { readonly store: Table },
  job: string,
): Promise<ImportCounts> {
  let sum: ImportCounts = NONE;
  for await (const { value } of store.range({ prefix: prefix(job) })) {
    const { anchored, abandoned } = counts(decodeCbor(value), 'count');
    sum = { anchored: sum.anchored + anchored, abandoned: sum.abandoned + abandoned };
  }
  return sum;
}

const NONE: ImportCounts = { anchored: 0, abandoned: 0 };

function prefix(job: string): string {
  return `import-count/${job}/`;
}
