// SPDX-License-Identifier: Apache-2.0
// What a block means for the replica: only its valid transactions (code 0), read into records. Pure but for reads of
// what stood before; the caller writes all of it in one batch with the new height.
import type { Block, BlockTransaction } from '@zhenglian/network/ledger';
import { decodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import { traceChain } from '@zhenglian/core/records/trace-root';
import { asCbor } from '@zhenglian/core/shape';
import { applyConsortium } from './consortium.ts';
import { leafRows } from './leaf-rows.ts';
import { putCbor } from '../store/table-cbor.ts';
import type { Table, TableChange } from '../store/table.ts';
import { replicaKey } from './replica-records.ts';
import type { BatchRow, EpochRow, ReplicaMeta, StatusRow, TraceRow } from './replica-records.ts';

/** The writes of a block, and what they touch. */
export interface BlockEffect {
  readonly writes: readonly TableChange[];
  readonly meta: ReplicaMeta;
  readonly statuses: readonly StatusRow[];
  /** Epochs whose evidence changed, as `epochName` writes them. */
  readonly epochs: ReadonlySet<string>;
  readonly consortium: boolean;
}

/** Where a transaction writes: reads see what this block wrote before. */
export interface BlockState {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: CborInput): void;
  putBytes(key: string, value: Uint8Array): void;
}

interface Place {
  readonly blockNumber: number;
  readonly transactionId: string;
  readonly at: number;
}

interface Tally {
  epochs: number;
  batches: number;
  consortium: boolean;
  readonly statuses: StatusRow[];
  readonly touched: Set<string>;
}

/** Name of an epoch in caches. */
export function epochName(uscc: string, epoch: number): string {
  return `${uscc}/${String(epoch)}`;
}

/** Reads a block that follows `before`. */
export async function readBlock(
  db: Table,
  before: ReplicaMeta,
  block: Block,
): Promise<BlockEffect> {
  const writes = new Map<string, TableChange>();
  const state = overlay(db, writes);
  const tally: Tally = {
    epochs: 0,
    batches: 0,
    consortium: false,
    statuses: [],
    touched: new Set(),
  };
  for (const transaction of block.transactions) {
    if (transaction.code === 0) await apply(state, transaction, block.number, tally);
  }
  const height = block.number + 1;
  const meta: ReplicaMeta = {
    height,
    hash: block.hash,
    epochs: before.epochs + tally.epochs,
    batches: before.batches + tally.batches,
    statuses: before.statuses + tally.statuses.filter((s) => s.seq === 1).length,
  };
  return {
    writes: [...writes.values(), putCbor(replicaKey.meta(), asCbor(meta))],
    meta,
    statuses: tally.statuses,
    epochs: tally.touched,
    consortium: tally.consortium,
  };
}

async function apply(
  state: BlockState,
  transaction: BlockTransaction,
  blockNumber: number,
  tally: Tally,
): Promise<void> {
  const { chaincode, name, at, id: transactionId } = transaction;
  const [request, leaves] = transaction.args;
  if (request === undefined) return;
  if (chaincode === 'zl') {
    tally.consortium = true;
    return applyConsortium(state, { name, msp: transaction.msp, at, request });
  }
  const owner = /^zl-([a-z0-9]+)$/.exec(chaincode)?.[1]?.toUpperCase();
  if (owner === undefined) return;
  applyProvince(state, name, { request, leaves, owner }, { blockNumber, transactionId, at }, tally);
}

interface ProvinceCall {
  readonly request: Uint8Array;
  readonly leaves: Uint8Array | undefined;
  readonly owner: string;
}

function applyProvince(
  state: BlockState,
  name: string,
  call: ProvinceCall,
  place: Place,
  tally: Tally,
): void {
  const value = decodeCbor(call.request);
  switch (name) {
    case 'OpenEpoch': {
      const row: EpochRow = { msp: call.owner, ...provinceRequest.OpenEpoch(value), ...place };
      state.put(replicaKey.epoch(row.uscc, row.epoch), asCbor(row));
      tally.epochs += 1;
      tally.touched.add(epochName(row.uscc, row.epoch));
      return;
    }
    case 'SubmitBatch': {
      const { uscc, epoch, n, first, count, root, type, kid } = provinceRequest.SubmitBatch(value);
      const row: BatchRow = { uscc, epoch, n, first, count, root, type, kid, ...place };
      state.put(replicaKey.batch(row.uscc, row.epoch, row.n), asCbor(row));
      for (const { key, value } of leafRows(row, call.leaves ?? new Uint8Array())) {
        state.putBytes(key, value);
      }
      tally.batches += 1;
      tally.touched.add(epochName(row.uscc, row.epoch));
      return;
    }
    case 'SetStatuses':
      for (const change of provinceRequest.SetStatuses(value).changes) {
        const { uscc, epoch, index, state: next, class: statusClass, time, seq } = change;
        const row = { uscc, epoch, index, state: next, class: statusClass, time, seq, ...place };
        putStatus(state, row, tally);
      }
      return;
    case 'AnchorTrace': {
      const content = provinceRequest.AnchorTrace(value);
      const { instance, n, first, count, root } = content;
      const chain = traceChain(content);
      const row: TraceRow = { msp: call.owner, instance, n, first, count, root, chain, ...place };
      const key = replicaKey.trace(row.msp, row.instance, row.n);
      state.put(key, asCbor(row));
      state.put(replicaKey.traceTransaction(place.transactionId), asCbor(row));
      return;
    }
  }
}

function putStatus(state: BlockState, row: StatusRow, tally: Tally): void {
  state.put(replicaKey.status(row.uscc, row.epoch, row.index), asCbor(row));
  state.put(replicaKey.history(row.uscc, row.epoch, row.index, row.seq), asCbor(row));
  tally.statuses.push(row);
  tally.touched.add(epochName(row.uscc, row.epoch));
}

function overlay(db: Table, writes: Map<string, TableChange>): BlockState {
  return {
    async get(key) {
      return writes.get(key)?.value ?? db.get(key);
    },
    put(key, value) {
      writes.set(key, putCbor(key, value));
    },
    putBytes(key, value) {
      writes.set(key, { key, value });
    },
  };
}
