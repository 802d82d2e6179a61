// SPDX-License-Identifier: Apache-2.0
// Questions to a table that blocks were applied to: the live replica's, or one rebuilt as of an earlier moment.
import { anchorTree } from '@zhenglian/core/anchor';
import type { InclusionProof } from '@zhenglian/core/anchor';
import type { MerkleTree } from '@zhenglian/core/merkle';
import type { EpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import type { StatusClass, StatusState } from '@zhenglian/core/records/status';
import { epochName } from './block-writes.ts';
import { valuesOf } from '../store/table-cbor.ts';
import type { Table } from '../store/table.ts';
import { readRow, replicaKey } from './replica-records.ts';
import type { BatchRow, StatusRow } from './replica-records.ts';

const HASH_BYTES = 32;
const MAX_EPOCHS = 64;
const MAX_TREES = 24;

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

interface BatchTree {
  readonly leaves: readonly Uint8Array[];
  readonly tree: MerkleTree;
}

/** Reads what the ledger says; keeps the epochs and trees asked last. `forget` follows each block. */
export interface LedgerView {
  epoch(uscc: string, epoch: number): Promise<EpochContent | undefined>;
  inclusion(uscc: string, epoch: number, index: number): Promise<InclusionProof | undefined>;
  status(uscc: string, epoch: number, index: number): Promise<HeldStatus>;
  events(uscc: string, epoch: number, index: number): Promise<readonly LedgerEvent[]>;
  forget(epochs: ReadonlySet<string>): void;
}

/** A view of a table that `readBlock` filled. */
export function viewLedger(db: Table): LedgerView {
  const epochs = new Map<string, Promise<EpochContent | undefined>>();
  const trees = new Map<string, Promise<BatchTree | undefined>>();
  const epoch = (uscc: string, number: number) =>
    kept(epochs, MAX_EPOCHS, epochName(uscc, number), () => readEpoch(db, uscc, number));
  const batchOf = async (uscc: string, number: number, index: number) =>
    (await epoch(uscc, number))?.batches.find((b) => index >= b.first && index < b.first + b.count);
  return {
    epoch,
    async inclusion(uscc, number, index) {
      const batch = await batchOf(uscc, number, index);
      if (batch === undefined) return undefined;
      const key = replicaKey.leaves(uscc, number, batch.n);
      const held = await kept(trees, MAX_TREES, key, () => readTree(db, key));
      const position = index - batch.first;
      const argument = held?.leaves[position];
      if (held === undefined || argument === undefined) return undefined;
      return { argument, path: held.tree.pathOf(position) };
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
      for (const name of touched) epochs.delete(name);
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

async function readTree(db: Table, key: string): Promise<BatchTree | undefined> {
  const joined = await db.get(key);
  if (joined === undefined || joined.length === 0) return undefined;
  const leaves = Array.from({ length: joined.length / HASH_BYTES }, (_, i) =>
    joined.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
  return { leaves, tree: anchorTree(leaves) };
}

/** The value under a name, made when it is not held; the one asked longest ago gives way. */
function kept<T>(
  held: Map<string, Promise<T>>,
  most: number,
  name: string,
  make: () => Promise<T>,
): Promise<T> {
  const value = held.get(name) ?? make();
  held.delete(name);
  held.set(name, value);
  value.catch(() => held.delete(name));
  const oldest = held.keys().next();
  if (held.size > most && oldest.done !== true) held.delete(oldest.value);
  return value;
}
