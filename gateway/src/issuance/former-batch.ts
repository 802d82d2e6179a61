// SPDX-License-Identifier: Apache-2.0
// A batch whose key's window ended while nobody knew whether it had reached the ledger. Its copies are signed anew, and
// until one of the two is seen there, what the first one signed is kept: a transaction that was endorsed in time may
// still come into a block. Whichever the ledger has is the truth; the copies follow it.
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, bytes, list, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';
import type { Archive } from './archive.ts';
import { batchRecord } from './batch-record.ts';
import type { BatchRecord } from './batch-record.ts';
import { copyPlace, storeCopy } from './copy-record.ts';
import type { CopyRecord } from './copy-record.ts';
import { isVoid, leafOf } from './leaf.ts';
import type { Leaf } from './leaf.ts';
import type { Leaves } from './leaves.ts';
import { id } from './licence-record.ts';

const formerBatch = record({
  batch: batchRecord,
  copies: list(
    record({ licence: id, copy: id, argument: bytes(32), place: copyPlace }),
    EPOCH_SIZE,
  ),
});
type FormerBatch = Shaped<typeof formerBatch>;

/** A leaf and its copy as they were signed before. */
export interface SignedLeaf {
  readonly leaf: Leaf;
  readonly copy: CopyRecord;
}

/** The change that keeps what a batch had signed; none where it is kept, since after a kill its copies may be signed anew already. */
export async function keepFormer(
  store: Table,
  batch: BatchRecord,
  signed: readonly SignedLeaf[],
): Promise<readonly TableChange[]> {
  const key = formerKey(batch, batch.root);
  if ((await store.get(key)) !== undefined) return [];
  const copies = signed.map(({ leaf, copy: { place } }) => {
    const { licence, copy, argument, kid } = leaf;
    return { licence, copy, argument, place: { ...place, kid } };
  });
  return [{ key, value: encodeCbor(asCbor({ batch, copies })) }];
}

/** The changes that put the batch of this root back in the place of the one that was signed after it; undefined: there was none. */
export async function restoreFormer(
  {
    store,
    archive,
    leaves,
  }: { readonly store: Table; readonly archive: Archive; readonly leaves: Leaves },
  batch: BatchRecord,
  root: Uint8Array,
): Promise<{ readonly batch: BatchRecord; readonly changes: readonly TableChange[] } | undefined> {
  const stored = await store.get(formerKey(batch, root));
  if (stored === undefined) return undefined;
  const former: FormerBatch = formerBatch(decodeCbor(stored), 'former');
  const changes: TableChange[] = [];
  const standing: Leaf[] = [];
  for (const { licence, copy: name, argument, place } of former.copies) {
    const copy = await archive.copy(licence, name);
    if (copy === undefined) continue;
    // What became of the copy meanwhile is its own; only what was signed for it is put back.
    const again = { ...copy, place };
    standing.push(leafOf(again, argument));
    if (!isVoid({ argument })) changes.push(storeCopy(again));
  }
  changes.push(...(await leaves.replace(batch, standing)));
  return { batch: former.batch, changes };
}

/** The changes that forget what was kept of a batch: it is settled. */
export async function forgetFormer(
  store: Table,
  batch: BatchRecord,
): Promise<readonly TableChange[]> {
  const changes: TableChange[] = [];
  for await (const { key } of store.range({ prefix: formerPrefix(batch) })) changes.push({ key });
  return changes;
}

function formerPrefix({ uscc, epoch, first }: BatchRecord): string {
  return `former/${uscc}/${String(epoch)}-${String(first)}/`;
}

function formerKey(batch: BatchRecord, root: Uint8Array): string {
  return formerPrefix(batch) + toHex(root);
}
