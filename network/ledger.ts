// SPDX-License-Identifier: Apache-2.0
// The one interface to the ledger, whichever engine is under it; test/suites/ledger.ts says how it behaves.
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';

/** A call of a contract's function: `zl` or `zl-<msp>`, its name, the CBOR request, raw bytes after it. */
export interface Call {
  readonly chaincode: string;
  readonly name: string;
  readonly request: Uint8Array;
  readonly extra?: readonly Uint8Array[];
}

/** What a committed and valid transaction left. */
export interface Committed {
  readonly transactionId: string;
  readonly blockNumber: number;
  readonly result: Uint8Array;
}

/** One endorsed transaction of a block, valid or not (configuration and unreadable ones are left out); `code` is Fabric's validation code (0 valid, 11 MVCC, 12 phantom). */
export interface BlockTransaction {
  readonly id: string;
  readonly code: number;
  readonly msp: string;
  readonly at: number;
  readonly chaincode: string;
  readonly name: string;
  /** What follows the name: the request, then raw bytes. */
  readonly args: readonly Uint8Array[];
  /** What the contract set as its event, if it did. */
  readonly event?: { readonly name: string; readonly payload: Uint8Array };
}

/** One block; hashes are Fabric's (SHA-256 over the ASN.1 header). */
export interface Block {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly previousHash: Uint8Array;
  readonly transactions: readonly BlockTransaction[];
}

/** Where a transaction stands. */
export interface TransactionStatus {
  readonly transactionId: string;
  readonly code: number;
  readonly blockNumber: number;
}

/** A client of the ledger, with the identity of one organisation's member. Every call has a deadline of its own. */
export interface Ledger {
  readonly msp: string;
  /**
   * Endorses, orders and waits for the commit.
   * @throws the contract's own code; ENDORSEMENT_MISMATCH (asked afresh a few times before), MVCC_CONFLICT, PHANTOM_CONFLICT (try again as a new transaction);
   * COMMIT_INVALID; COMMIT_UNKNOWN (ask `status` before trying again); LEDGER_UNAVAILABLE; LEDGER_REFUSED
   */
  submit(call: Call): Promise<Committed>;
  /** Asks one peer, of this organisation unless named. Returns what the function returned. @throws as `submit`, but nothing of commits */
  evaluate(call: Call, msp?: string): Promise<Uint8Array>;
  /**
   * Sends one signed proposal to the peers of several organisations (all, unless named) and keeps their signed answers:
   * the largest group that agrees, the others as dissent. Peers that are down are left out. What comes back is not yet verified.
   * @throws the contract's own code when none agrees to answer, LEDGER_UNAVAILABLE
   */
  evaluateCosigned(call: Call, msps?: readonly string[]): Promise<CosignedAnswer>;
  /** Blocks from a height on, then new ones as they come, until the signal aborts. @throws BLOCK_INVALID where hashes do not fit, LEDGER_UNAVAILABLE */
  blocks(from: number, signal: AbortSignal): AsyncIterable<Block>;
  /** Status of a transaction, or undefined when no block holds it. */
  status(transactionId: string): Promise<TransactionStatus | undefined>;
  /** Number of blocks. */
  height(): Promise<number>;
  close(): Promise<void>;
}
