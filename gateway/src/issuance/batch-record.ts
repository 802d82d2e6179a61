// SPDX-License-Identifier: Apache-2.0
// A batch as its gateway keeps it: what was, or will be, submitted. Its copies and arguments are the lane's leaves from
// `first` on. The key counts down, so that the batch of an index is the first one from that index's key on.
import { anchorRoot, EPOCH_SIZE } from '@zhenglian/core/anchor';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { batchContent, batchPayload } from '@zhenglian/core/records/batch';
import type { SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import { asCbor, bytes, integer, list, oneOf, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { AuthoritySigner } from '../signer.ts';
import { signOne } from '../signer.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { LaneName } from './lane.ts';
import { id } from './licence-record.ts';

const count = integer(0, EPOCH_SIZE);
/** A batch as it is stored. */
export const batchRecord = record({
  ...batchContent,
  step: oneOf('prepared', 'anchored'),
  /** Of each import: copies that are anchored with this batch, and indexes of it that are void. */
  imports: list(record({ job: id, anchored: count, abandoned: count }), EPOCH_SIZE),
  signature: bytes(64),
});

export type BatchRecord = Shaped<typeof batchRecord>;

/** Signs a batch over its arguments. */
export async function signBatch(
  content: Pick<BatchRecord, 'epoch' | 'n' | 'first' | 'type' | 'imports'>,
  batch: readonly Uint8Array[],
  signer: AuthoritySigner,
  networkId: Uint8Array,
): Promise<BatchRecord> {
  const { epoch, n, first, type, imports } = content;
  const { uscc, kid } = signer;
  const root = anchorRoot(batch);
  const unsigned = { uscc, epoch, n, first, count: batch.length, root, type, kid };
  const payload = batchPayload(unsigned);
  const signature = await signOne(signer, { purpose: 'batch', networkId, payload });
  return { ...unsigned, signature, imports, step: 'prepared' };
}

/** What the contract is asked. */
export function batchRequest(batch: BatchRecord): SubmitBatchRequest {
  const { uscc, epoch, n, first, count: size, root, type, kid, signature } = batch;
  return { uscc, epoch, n, first, count: size, root, type, kid, signature };
}

/** The change that stores a batch. */
export function storeBatch(batch: BatchRecord): TableChange {
  return { key: batchKey(batch, batch.first), value: encodeCbor(asCbor(batch)) };
}

/** The batch that begins at an index, if it was prepared. */
export async function loadBatch(
  store: Table,
  lane: LaneName,
  first: number,
): Promise<BatchRecord | undefined> {
  const stored = await store.get(batchKey(lane, first));
  return stored === undefined ? undefined : batchRecord(decodeCbor(stored), 'batch');
}

/** The batch that an index is in, if it was prepared. */
export async function loadBatchOf(
  store: Table,
  lane: LaneName,
  index: number,
): Promise<BatchRecord | undefined> {
  const prefix = batchPrefix(lane);
  const from = index + 1 < EPOCH_SIZE ? { after: batchKey(lane, index + 1) } : {};
  for await (const { value } of store.range({ prefix, ...from, limit: 1 })) {
    const batch = batchRecord(decodeCbor(value), 'batch');
    if (index < batch.first + batch.count) return batch;
  }
  return undefined;
}

function batchPrefix({ uscc, epoch }: LaneName): string {
  return `batch/${uscc}/${String(epoch).padStart(10, '0')}/`;
}

function batchKey(lane: LaneName, first: number): string {
  return batchPrefix(lane) + String(EPOCH_SIZE - 1 - first).padStart(5, '0');
}
