// SPDX-License-Identifier: Apache-2.0
// The answer of `EpochEvidence`: batches and statuses of a whole epoch, so that the asker names no licence (docs/ledger.md §7).
import type { CborInput, CborValue } from '../cbor.ts';
import { integer, list, optional, record } from '../shape.ts';
import type { Shape, Shaped } from '../shape.ts';
import { batchContent } from './batch.ts';
import type { Batch } from './batch.ts';
import { epochNumber, hash, nonce, time, uscc, version } from './fields.ts';
import { statusContent } from './status.ts';
import type { Status } from './status.ts';

const { n, first, count, root, type, kid } = batchContent;
const { index, state, class: statusClass, time: decidedAt, seq } = statusContent;
const BATCH = { n, first, count, root, type, kid, at: time };
const STATUS = { index, state, class: statusClass, time: decidedAt, seq };

const batchRow: Shape<EvidenceBatch> = row(record(BATCH), Object.keys(BATCH));
const statusRow: Shape<EvidenceStatus> = row(record(STATUS), Object.keys(STATUS));
const epochEvidence = record({
  networkId: hash,
  uscc,
  epoch: epochNumber,
  batches: list(batchRow),
  statuses: list(statusRow),
  covered: integer(0, 65_536),
  version,
  at: time,
  nonce: optional(nonce),
});

export type EvidenceBatch = Pick<Batch, 'n' | 'first' | 'count' | 'root' | 'type' | 'kid' | 'at'>;
export type EvidenceStatus = Pick<Status, 'index' | 'state' | 'class' | 'time' | 'seq'>;
/** What an epoch holds: only statuses ever written; `covered` is the end of the last batch. */
export type EpochEvidence = Shaped<typeof epochEvidence>;

/** @throws SHAPE_INVALID */
export function parseEpochEvidence(value: CborValue): EpochEvidence {
  return epochEvidence(value, 'evidence');
}

/** The form for encoding: batches and statuses as arrays without names. */
export function epochEvidenceCbor(evidence: EpochEvidence): CborInput {
  return {
    ...evidence,
    batches: evidence.batches.map((b) => [b.n, b.first, b.count, b.root, b.type, b.kid, b.at]),
    statuses: evidence.statuses.map((s) => [s.index, s.state, s.class, s.time, s.seq]),
  };
}

/** Reads an array as the record of the given names, in their order. */
function row<T>(shape: Shape<T>, names: readonly string[]): Shape<T> {
  return (value, path) => {
    const cells = Array.isArray(value) ? (value as readonly CborValue[]) : [];
    return shape(cells.length === names.length ? named(names, cells) : undefined, path);
  };
}

function named(names: readonly string[], cells: readonly CborValue[]): CborValue {
  return new Map(names.map((name, i) => [name, cells[i] ?? null]));
}
