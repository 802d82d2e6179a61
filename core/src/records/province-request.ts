// SPDX-License-Identifier: Apache-2.0
// Requests to a province's chaincode `zl-<msp>` (docs/ledger.md §6, §7).
import type { CborValue } from '../cbor.ts';
import { list, optional, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { batchContent } from './batch.ts';
import { epochNumber, instance, kid, nonce, ordinal, signature, uscc } from './fields.ts';
import { statusContent } from './status.ts';
import { traceContent } from './trace-root.ts';

/** Most status changes of one transaction. */
export const MAX_STATUS_CHANGES = 1000;

const openEpoch = record({ uscc, epoch: epochNumber, instance });
const submitBatch = record(batchContent);
const statusChange = record({ ...statusContent, n: ordinal, kid, signature });
const setStatuses = record({ changes: list(statusChange, MAX_STATUS_CHANGES) });
const anchorTrace = record(traceContent);
const epochEvidence = record({ uscc, epoch: epochNumber, nonce: optional(nonce) });
const recordRequest = record({ key: text(160, /^[\x21-\x7e]+$/) });

export type OpenEpochRequest = Shaped<typeof openEpoch>;
/** The leaves follow as an argument of their own: `count` × 32 bytes. */
export type SubmitBatchRequest = Shaped<typeof submitBatch>;
/** One change; `n` is the batch that anchored the index. */
export type StatusChange = Shaped<typeof statusChange>;
export type AnchorTraceRequest = Shaped<typeof anchorTrace>;
export type EpochEvidenceRequest = Shaped<typeof epochEvidence>;

/** Each reads the request of the transaction or question of its name. @throws SHAPE_INVALID */
export const provinceRequest = {
  OpenEpoch: (value: CborValue) => openEpoch(value, 'request'),
  SubmitBatch: (value: CborValue) => submitBatch(value, 'request'),
  SetStatuses: (value: CborValue) => setStatuses(value, 'request'),
  AnchorTrace: (value: CborValue) => anchorTrace(value, 'request'),
  EpochEvidence: (value: CborValue) => epochEvidence(value, 'request'),
  Record: (value: CborValue) => recordRequest(value, 'request'),
} as const;
