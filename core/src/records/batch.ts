// SPDX-License-Identifier: Apache-2.0
// A batch: the root over the arguments of consecutive indexes of an epoch, one type and one key (docs/ledger.md §4).
import { encodeCbor } from '../cbor.ts';
import type { CborValue } from '../cbor.ts';
import { integer, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import {
  epochNumber,
  hash,
  kid,
  ordinal,
  signature,
  stamp,
  statusIndex,
  typeCode,
  uscc,
} from './fields.ts';

/** Most leaves of one batch. */
export const MAX_BATCH = 10_000;

export const batchContent = {
  uscc,
  epoch: epochNumber,
  n: ordinal,
  first: statusIndex,
  count: integer(1, MAX_BATCH),
  root: hash,
  type: typeCode,
  kid,
  signature,
};
const batch = record({ ...batchContent, ...stamp });

/** Record `batch/<uscc>/<epoch>/<n>`. */
export type Batch = Shaped<typeof batch>;
/** What the authority signs of a batch. */
export type BatchContent = Omit<Batch, 'signature' | 'rev' | 'at'>;

/** @throws SHAPE_INVALID */
export function parseBatch(value: CborValue): Batch {
  return batch(value, 'batch');
}

/** What is signed, purpose `batch`. */
export function batchPayload(b: BatchContent): Uint8Array {
  return encodeCbor([b.uscc, b.epoch, b.n, b.first, b.count, b.root, b.type, b.kid]);
}
