// SPDX-License-Identifier: Apache-2.0
// The gateway's copy of what the ledger says, rebuilt from blocks: every province's batches with their leaves,
// statuses, epochs and trace roots, and the trust bundle. Checks read only this (docs/ledger.md §9).
import type { InclusionProof } from '@zhenglian/core/anchor';
import type { EpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { StatusClass, StatusState } from '@zhenglian/core/records/status';

/** The trust bundle, and when it was last known to be current (unix seconds). */
export interface HeldBundle {
  readonly bundle: TrustBundle;
  readonly at: number;
}

/** What an epoch holds, and when the replica last was level with the ledger. */
export interface HeldEpoch {
  readonly evidence: EpochEvidence;
  readonly at: number;
}

/** The status of one index; an index never written is `valid` with `seq` 0. */
export interface HeldStatus {
  readonly state: StatusState;
  readonly class?: StatusClass;
  readonly time?: number;
  readonly seq: number;
}

/** A status written by a block just applied. */
export interface StatusChanged extends HeldStatus {
  readonly uscc: string;
  readonly epoch: number;
  readonly index: number;
  readonly blockNumber: number;
  readonly transactionId: string;
}

/** A live replica. `close` ends the stream of blocks. */
export interface Replica {
  /** @throws LEDGER_UNAVAILABLE when no bundle was ever had */
  trustBundle(): HeldBundle;
  epochEvidence(uscc: string, epoch: number): Promise<HeldEpoch | undefined>;
  inclusion(uscc: string, epoch: number, index: number): Promise<InclusionProof | undefined>;
  statusOf(uscc: string, epoch: number, index: number): Promise<HeldStatus>;
  /** Number of blocks applied. */
  height(): number;
  /** Resolves when the block of this number is applied. */
  waitForBlock(number: number): Promise<void>;
  /** Calls back after each block with the statuses it wrote; the returned function ends it. */
  onStatusChange(callback: (changes: readonly StatusChanged[]) => void): () => void;
  /** Why the replica must not be relied on (`/readyz`); empty when all is well. */
  troubles(): readonly string[];
  close(): Promise<void>;
}
