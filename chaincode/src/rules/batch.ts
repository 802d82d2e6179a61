// SPDX-License-Identifier: Apache-2.0
// May a batch be anchored? (docs/ledger.md §4)
import { anchorRoot, EPOCH_SIZE } from '@zhenglian/core/anchor';
import { equals } from '@zhenglian/core/bytes';
import { batchPayload } from '@zhenglian/core/records/batch';
import type { Batch } from '@zhenglian/core/records/batch';
import type { SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import { verifyFor } from '@zhenglian/core/signing';
import type { SigningScope } from '../province-scope.ts';
import { demand } from '../refusal.ts';
import { requireAccredited, requireLivingKey } from './key.ts';

const LEAF_BYTES = 32;

/** The arguments of a batch, out of one string of bytes. @throws REQUEST_INVALID */
export function splitLeaves(leaves: Uint8Array, count: number): readonly Uint8Array[] {
  demand(leaves.length === count * LEAF_BYTES, 'REQUEST_INVALID', 'not count × 32 bytes of leaves');
  return Array.from({ length: count }, (_, i) =>
    leaves.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES),
  );
}

/** Signature and scope. @throws SIGNATURE_INVALID, AUTHORITY_WITHDRAWN, SCOPE, KEY_BURNED, KEY_WINDOW */
export function decideBatchScope(batch: SubmitBatchRequest, scope: SigningScope, at: number): void {
  const { authority, key, networkId } = scope;
  const { signature } = batch;
  const payload = batchPayload(batch);
  const { publicKey } = key;
  demand(
    verifyFor({ purpose: 'batch', networkId, publicKey, payload, signature }),
    'SIGNATURE_INVALID',
    'the key has not signed this batch',
  );
  requireAccredited(authority);
  requireLivingKey(key, batch.uscc, at);
  demand(
    key.types.includes(batch.type) && authority.types.includes(batch.type),
    'SCOPE',
    'key or authority is not for this type',
  );
}

/** Position and root. @throws BATCH_ORDER, BATCH_ROOT */
export function decideBatch(
  batch: SubmitBatchRequest,
  before: Batch | undefined,
  leaves: readonly Uint8Array[],
): void {
  demand(batch.n === 0 || before !== undefined, 'BATCH_ORDER', 'the batch before is not there');
  const first = before === undefined ? 0 : before.first + before.count;
  demand(batch.first === first, 'BATCH_ORDER', `the batch begins at ${String(first)}`);
  demand(batch.first + batch.count <= EPOCH_SIZE, 'BATCH_ORDER', 'the epoch is full');
  demand(equals(anchorRoot(leaves), batch.root), 'BATCH_ROOT', 'the leaves have another root');
}
