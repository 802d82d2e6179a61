// SPDX-License-Identifier: Apache-2.0
// What the replica keeps, one record a key: parsed again when read, since a disk is an edge too.
import { decodeCbor } from '@zhenglian/core/cbor';
import { batchContent } from '@zhenglian/core/records/batch';
import {
  epochNumber,
  hash,
  instance,
  msp,
  ordinal,
  time,
  uscc,
} from '@zhenglian/core/records/fields';
import { recordKey } from '@zhenglian/core/records/record-key';
import { statusContent } from '@zhenglian/core/records/status';
import { traceContent } from '@zhenglian/core/records/trace-root';
import { bytes, integer, record, text } from '@zhenglian/core/shape';
import type { Shape, Shaped } from '@zhenglian/core/shape';

/** Where in the ledger something was written. */
const place = {
  blockNumber: integer(0, Number.MAX_SAFE_INTEGER),
  transactionId: text(128),
  at: time,
};
const { n, first, count, root, type, kid } = batchContent;
const { index, state, class: statusClass, seq } = statusContent;

const epochRow = record({ msp, uscc, epoch: epochNumber, instance, ...place });
const batchRow = record({ uscc, epoch: epochNumber, n, first, count, root, type, kid, ...place });
const statusRow = record({
  uscc,
  epoch: epochNumber,
  index,
  state,
  class: statusClass,
  time: statusContent.time,
  seq,
  ...place,
});
const traceRow = record({
  msp,
  instance,
  n: ordinal,
  first: traceContent.first,
  count: traceContent.count,
  root: hash,
  chain: hash,
  ...place,
});
const height = integer(0, Number.MAX_SAFE_INTEGER);
const metaRow = record({
  height,
  hash: bytes(undefined, 64),
  epochs: height,
  batches: height,
  statuses: height,
});

export type EpochRow = Shaped<typeof epochRow>;
export type BatchRow = Shaped<typeof batchRow>;
export type StatusRow = Shaped<typeof statusRow>;
export type TraceRow = Shaped<typeof traceRow>;
/** How far the replica is: blocks applied, hash of the last, the last that touched `zl`, and counts. */
export type ReplicaMeta = Shaped<typeof metaRow>;

export const NO_BLOCKS: ReplicaMeta = {
  height: 0,
  hash: new Uint8Array(),
  epochs: 0,
  batches: 0,
  statuses: 0,
};

const reader =
  <T>(shape: Shape<T>, name: string) =>
  (stored: Uint8Array): T =>
    shape(decodeCbor(stored), name);

/** Each reads stored bytes. @throws SHAPE_INVALID, CBOR_* when the store is damaged */
export const readRow = {
  epoch: reader(epochRow, 'epoch'),
  batch: reader(batchRow, 'batch'),
  status: reader(statusRow, 'status'),
  trace: reader(traceRow, 'trace'),
  meta: reader(metaRow, 'meta'),
} as const;

/** Keys of the replica; those of the ledger's own records are as in the ledger. */
export const replicaKey = {
  meta: () => 'meta/2',
  /** Where versions had it whose leaves are laid out otherwise. */
  formerMeta: () => 'meta',
  epoch: recordKey.epoch,
  batch: recordKey.batch,
  batches: (authority: string, epoch: number) => recordKey.batch(authority, epoch, 0).slice(0, -10),
  leaves: (authority: string, epoch: number, number: number, row: number) =>
    `leaf-rows/${recordKey.batch(authority, epoch, number)}/${String(row).padStart(5, '0')}`,
  nodes: (authority: string, epoch: number, number: number) =>
    `nodes/${recordKey.batch(authority, epoch, number)}`,
  /** Where earlier versions had all leaves of a batch in one row: `leaves/` and the batch's key. */
  formerLeaves: () => 'leaves/',
  status: recordKey.status,
  statuses: (authority: string, epoch: number) =>
    recordKey.status(authority, epoch, 0).slice(0, -5),
  history: (authority: string, epoch: number, position: number, sequence: number) =>
    `history/${recordKey.status(authority, epoch, position)}/${String(sequence).padStart(10, '0')}`,
  historyOf: (authority: string, epoch: number, position: number) =>
    `history/${recordKey.status(authority, epoch, position)}/`,
  trace: (owner: string, name: string, number: number) =>
    `${owner}/${recordKey.traceRoot(name, number)}`,
  traceTransaction: (transactionId: string) => `trace-transaction/${transactionId}`,
  consortium: (key: string) => `zl/${key}`,
} as const;
