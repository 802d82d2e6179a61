// SPDX-License-Identifier: Apache-2.0
// A batch as its gateway keeps it: which copies have its indexes, and what was (or will be) submitted.
import { anchorRoot } from '@zhenglian/core/anchor';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { batchContent, batchPayload } from '@zhenglian/core/records/batch';
import type { SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import { asCbor, bytes, list, nullable, oneOf, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { signOne } from '../signer.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { TableChange } from '../store/table.ts';
import { id } from './licence-record.ts';

const preparedBatch = record({
  ...batchContent,
  step: oneOf('prepared', 'anchored'),
  arguments: list(bytes(32)),
  /** [licence, copy] of each index, or null where the index was abandoned. */
  copies: list(nullable(list(id, 2))),
});

export type PreparedBatch = Shaped<typeof preparedBatch>;

/** Signs a batch over its arguments. */
export async function signBatch(
  place: { readonly epoch: number; readonly n: number; readonly first: number },
  content: Pick<PreparedBatch, 'arguments' | 'copies' | 'type'>,
  signer: AuthoritySigner,
  networkId: Uint8Array,
): Promise<PreparedBatch> {
  const unsigned = {
    uscc: signer.uscc,
    epoch: place.epoch,
    n: place.n,
    first: place.first,
    count: content.arguments.length,
    root: anchorRoot(content.arguments),
    type: content.type,
    kid: signer.kid,
  };
  const payload = batchPayload(unsigned);
  const signature = await signOne(signer, { purpose: 'batch', networkId, payload });
  return { ...unsigned, ...content, signature, step: 'prepared' };
}

/** What the contract is asked. */
export function batchRequest(batch: PreparedBatch): SubmitBatchRequest {
  const { uscc, epoch, n, first, count, root, type, kid, signature } = batch;
  return { uscc, epoch, n, first, count, root, type, kid, signature };
}

export function batchKey(uscc: string, epoch: number, n: number): string {
  const padded = (value: number) => String(value).padStart(10, '0');
  return `batch/${uscc}/${padded(epoch)}/${padded(n)}`;
}

/** The change that stores a batch. */
export function storeBatch(batch: PreparedBatch): TableChange {
  return { key: batchKey(batch.uscc, batch.epoch, batch.n), value: encodeCbor(asCbor(batch)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeBatch(encoded: Uint8Array): PreparedBatch {
  return preparedBatch(decodeCbor(encoded), 'batch');
}
