// SPDX-License-Identifier: Apache-2.0
// Questions to a table that blocks were applied to: the live replica's, or one rebuilt as of an earlier moment.
import type { InclusionProof } from '@zhenglian/core/anchor';
import type { EpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import type { StatusClass, StatusState } from '@zhenglian/core/records/status';
import { leavesRowOf, openRow } from './batch-tree.ts';
import type { ProveRow } from './batch-tree.ts';
import { epochName } from './block-writes.ts';
import { createRecent } from './recent.ts';
import { valuesOf } from '../store/table-cbor.ts';
import type { Table } from '../store/table.ts';
import { readRow, replicaKey } from './replica-records.ts';
import type { BatchRow, StatusRow } from './replica-records.ts';

/** Batches and statuses of the epochs that are held: some tens of megabytes. */
const HELD_RECORDS = 200_000;
/** Rows of leaves that are held, with what is above them: some twenty kilobytes each. */
const HELD_ROWS = 512;

/** The status of one index; an index never written is `valid` with `seq` 0. */
export interface HeldStatus {
  readonly state: StatusState;
  readonly class?: StatusClass;
  readonly time?: number;
  readonly seq: number;
}

/** Something the ledger says of one copy: the batch that anchored it, or a status. */
export type LedgerEvent =
  ({ readonly kind: 'batch' } & BatchRow) | ({ readonly kind: 'status' } & StatusRow);

interface EpochContent {
  readonly batches: readonly BatchRow[];
  readonly content: Omit<EpochEvidence, 'networkId' | 'at'>;
}

/** Reads what the ledger says; keeps the epochs and rows asked last. `forget` follows each block. */
export interface LedgerView {
  epoch(uscc: string, epoch: number): Promise<EpochContent | undefined>;
  inclusion(uscc: string, epoch: number, index: number): Promise<InclusionProof | undefined>;
  status(uscc: string, epoch: number, index: number): Promise<HeldStatus>;
  events(uscc: string, epoch: number, index: number): Promise<readonly LedgerEvent[]>;
  forget(epochs: ReadonlySet<string>): void;
}

/** A view of a table that `readBlock` filled. */
export function viewLedger(db: Table): LedgerView {
  const epochs = createRecent<EpochContent | undefined>(HELD_RECORDS, recordsOf);
  const rows = createRecent<ProveRow | undefined>(HELD_ROWS);
  const epoch = (uscc: string, number: number) =>
    epochs.get(epochName(uscc, number), () => readEpoch(db, uscc, number));
  const batchOf = async (uscc: string, number: number, index: number) =>
    (await epoch(uscc, number))?.batches.find((b) => index >= b.first && index < b.first + b.count);
  return {
    epoch,
    async inclusion(uscc, number, index) {
      const batch = await batchOf(uscc, number, index);
      if (batch === undefined) return undefined;
      const position = index - batch.first;
      const row = leavesRowOf(position);
      const key = replicaKey.leaves(uscc, number, batch.n, row);
      const prove = await rows.get(key, () => openProofs(db, batch, row));
      return prove?.(position);
    },
    async status(uscc, number, index) {
      const stored = await db.get(replicaKey.status(uscc, number, index));
      if (stored === undefined) return { state: 'valid', seq: 0 };
      const { state, class: statusClass, time, seq } = readRow.status(stored);
      return { state, class: statusClass, time, seq };
    },
    async events(uscc, number, index) {
      const batch = await batchOf(uscc, number, index);
      const rows = await valuesOf(db, { prefix: replicaKey.historyOf(uscc, number, index) });
      return [
        ...(batch === undefined ? [] : [{ kind: 'batch' as const, ...batch }]),
        ...rows.map((row) => ({ kind: 'status' as const, ...readRow.status(row) })),
      ];
    },
    forget(touched) {
      for (const name of touched) epochs.forget(name);
    },
  };
}

async function readEpoch(
  db: Table,
  uscc: string,
  number: number,
): Promise<EpochContent | undefined> {
  if ((await db.get(replicaKey.epoch(uscc, number))) === undefined) return undefined;
  const batches = (await valuesOf(db, { prefix: replicaKey.batches(uscc, number) })).map(
    readRow.batch,
  );
  const statuses = (await valuesOf(db, { prefix: replicaKey.statuses(uscc, number) })).map(
    readRow.status,
  );
  const last = batches.at(-1);
  // Every record is written once, but a status once a change: its revision is its sequence.
  const version = 1 + batches.length + statuses.reduce((sum, { seq }) => sum + seq, 0);
  return {
    batches,
    content: {
      uscc,
      epoch: number,
      batches: batches.map(({ n, first, count, root, type, kid, at }) => ({
        n,
        first,
        count,
        root,
        type,
        kid,
        at,
      })),
      statuses: statuses.map(({ index, state, class: statusClass, time, seq }) => ({
        index,
        state,
        class: statusClass,
        time,
        seq,
      })),
      covered: last === undefined ? 0 : last.first + last.count,
      version,
    },
  };
}

/** A batch whose leaves are one row has no nodes above them. */
async function openProofs(
  db: Table,
  { uscc, epoch, n, count }: BatchRow,
  row: number,
): Promise<ProveRow | undefined> {
  const keys = [replicaKey.leaves(uscc, epoch, n, row), replicaKey.nodes(uscc, epoch, n)];
  const [leaves, nodes = new Uint8Array(0)] = await db.getMany(keys);
  return leaves && openRow(leaves, nodes, count);
}

function recordsOf(epoch: EpochContent | undefined): number {
  return epoch === undefined ? 0 : 1 + epoch.batches.length + epoch.content.statuses.length;
}
