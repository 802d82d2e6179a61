// SPDX-License-Identifier: Apache-2.0
// How many licences of an import are anchored: one entry a batch, so that anchoring and reading lines never write
// the same key.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { integer } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';
import type { CopyRecord } from './copy-record.ts';

const count = integer(0, 1_000_000);

/** The changes that count the copies of a batch for their imports. */
export function countAnchored(
  copies: readonly (CopyRecord | null)[],
  batch: string,
): readonly TableChange[] {
  return counted(copies, `anchored/${batch}`);
}

/** The changes that count copies which will never be anchored. */
export function countAbandoned(copies: readonly CopyRecord[]): readonly TableChange[] {
  return copies.flatMap((copy) => counted([copy], `abandoned/${copy.id}`));
}

/** Sums of an import. */
export async function loadImportCounts(
  store: Table,
  job: string,
): Promise<{ readonly anchored: number; readonly abandoned: number }> {
  const sum = async (kind: string) => {
    let total = 0;
    for await (const { value } of store.range({ prefix: `import-count/${job}/${kind}/` })) {
      total += count(decodeCbor(value), 'count');
    }
    return total;
  };
  return { anchored: await sum('anchored'), abandoned: await sum('abandoned') };
}

function counted(copies: readonly (CopyRecord | null)[], name: string): readonly TableChange[] {
  const jobs = new Map<string, number>();
  for (const copy of copies) {
    if (copy?.job !== undefined) jobs.set(copy.job, (jobs.get(copy.job) ?? 0) + 1);
  }
  return [...jobs].map(([job, value]) => ({
    key: `import-count/${job}/${name}`,
    value: encodeCbor(value),
  }));
}
