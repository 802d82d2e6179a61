// SPDX-License-Identifier: Apache-2.0
// The gateway's copy of what the ledger says, rebuilt from blocks: every province's batches with their leaves,
// statuses, epochs and trace roots, and the trust bundle. Checks read only this (docs/ledger.md §9).
import type { InclusionProof } from '@zhenglian/core/anchor';
import type { EpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import type { HeldBundle } from './held-bundle.ts';
import type { HeldStatus, LedgerEvent } from './ledger-view.ts';
import type { BatchRow, StatusRow, TraceRow } from './replica-records.ts';

export type { HeldBundle } from './held-bundle.ts';
export type { HeldStatus, LedgerEvent } from './ledger-view.ts';

/** What an epoch holds, and when the replica last was level with the ledger. */
export interface HeldEpoch {
  readonly evidence: EpochEvidence;
  readonly at: number;
}

/** A status written by a block just applied. */
export type StatusChanged = StatusRow;

/** Why a replica must not be relied on. */
export type ReplicaTrouble =
  | 'LEDGER_UNAVAILABLE'
  | 'LEDGER_CHAIN_BROKEN'
  | 'LEDGER_SHORTER'
  | 'NETWORK_MISMATCH'
  | 'REPLICA_BEHIND'
  | 'CLOCK_REFUSED';

/** How much the replica holds, and when it last was level with the ledger. */
export interface ReplicaCounts {
  readonly height: number;
  readonly epochs: number;
  readonly batches: number;
  readonly statuses: number;
  readonly levelAt: number;
  /** Blocks of the ledger when it last said so. */
  readonly ledgerHeight: number;
}

/** A live replica. `close` ends the stream of blocks. */
export interface Replica {
  /** @throws LEDGER_UNAVAILABLE when no bundle was ever had */
  trustBundle(): HeldBundle;
  epochEvidence(uscc: string, epoch: number): Promise<HeldEpoch | undefined>;
  inclusion(uscc: string, epoch: number, index: number): Promise<InclusionProof | undefined>;
  statusOf(uscc: string, epoch: number, index: number): Promise<HeldStatus>;
  /** The batch that anchored a copy and its statuses, oldest first. */
  eventsOf(uscc: string, epoch: number, index: number): Promise<readonly LedgerEvent[]>;
  traceRoot(msp: string, instance: string, n: number): Promise<TraceRow | undefined>;
  /** The trace root that a transaction anchored, of whichever organisation. */
  traceRootBy(transactionId: string): Promise<TraceRow | undefined>;
  /** Number of blocks applied. */
  height(): number;
  counts(): ReplicaCounts;
  /** A batch by its number. */
  batch(uscc: string, epoch: number, n: number): Promise<BatchRow | undefined>;
  /** Resolves when the block of this number is applied. @throws LEDGER_UNAVAILABLE when the replica closes or the signal aborts first */
  waitForBlock(number: number, signal?: AbortSignal): Promise<void>;
  /** Calls back after each block with the statuses it wrote; the returned function ends it. */
  onStatusChange(callback: (changes: readonly StatusChanged[]) => void): () => void;
  /** Why the replica must not be relied on (`/readyz`); empty when all is well. */
  troubles(): readonly ReplicaTrouble[];
  close(): Promise<void>;
}
