// SPDX-License-Identifier: Apache-2.0
// How many licences of an import are anchored: one entry a batch, so that anchoring and reading lines never write
// the same key. Who asks adds entries up to one sum when they are many, so that an answer never reads more than that.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, integer, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Locks } from '../locks.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { CopyRecord } from './copy-record.ts';

const count = integer(0, 99_999_999);
const sum = record({ anchored: count, abandoned: count });

type ImportCounts = Shaped<typeof sum>;
type Parts = { readonly store: Table; readonly locks: Locks };

const MANY = 64;

/** The changes that count the copies of a batch for their imports; to be written once, with what anchors them. */
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
export async function loadImportCounts(parts: Parts, job: string): Promise<ImportCounts> {
  const { counts, keys } = await addUp(parts.store, job);
  return keys.length < MANY ? counts : fold(parts, job);
}

/** Entries become part of the sum in one batch: counted once, whenever it is cut. */
function fold(parts: Parts, job: string): Promise<ImportCounts> {
  return parts.locks.hold(`import-count/${job}`, async () => {
    const { counts, keys } = await addUp(parts.store, job);
    await parts.store.write([
      { key: sumKey(job), value: encodeCbor(asCbor(counts)) },
      ...keys.map((key) => ({ key })),
    ]);
    return counts;
  });
}

/** The sum is read first: while somebody folds, entries may be missed for a moment but are never counted twice. */
async function addUp(store: Table, job: string) {
  const stored = await store.get(sumKey(job));
  const before =
    stored === undefined ? { anchored: 0, abandoned: 0 } : sum(decodeCbor(stored), 'sum');
  let { anchored, abandoned } = before;
  const keys: string[] = [];
  const prefix = `import-count/${job}/`;
  for await (const { key, value } of store.range({ prefix })) {
    const more = count(decodeCbor(value), 'count');
    if (key.startsWith('anchored/', prefix.length)) anchored += more;
    else abandoned += more;
    keys.push(key);
  }
  return { counts: { anchored, abandoned }, keys };
}

function sumKey(job: string): string {
  return `import-sum/${job}`;
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
