// SPDX-License-Identifier: Apache-2.0
// What every route gets: the parts of one gateway, put together once (`gateway.ts`) and never looked up elsewhere.
import type { Ledger } from '@zhenglian/network/ledger';
import type { Accounts } from './accounts/accounts.ts';
import type { Config } from './config.ts';
import type { Archive } from './issuance/archive.ts';
import type { Drain } from './drain.ts';
import type { Desk } from './issuance/desk.ts';
import type { TypeShelf } from './issuance/type-shelf.ts';
import type { Imports } from './imports/run-imports.ts';
import type { Locks } from './locks.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Tracing } from './observing/tracing.ts';
import type { Replica } from './replica/replica.ts';
import type { KeptSigners } from './keep-signers.ts';
import type { Table } from './store/table.ts';
import type { Vault } from './store/vault.ts';
import type { TraceOutbox } from './trace-outbox.ts';
import type { Trace } from './trace/trace.ts';

/** Unix seconds. */
export type Clock = () => number;
/** So many random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** The parts of a gateway. `store` is sealed: whatever is personal goes there, under keys that tell nothing. */
export interface GatewayContext {
  readonly config: Config;
  readonly networkId: Uint8Array;
  /** The name of this gateway on the ledger. */
  readonly instance: string;
  readonly store: Table;
  /** Rewrites the files of a prefix of `store`: what was deleted there is gone from the disk. */
  readonly purge: (prefix: string) => Promise<void>;
  readonly vault: Vault;
  readonly ledger: Ledger;
  readonly replica: Replica;
  readonly trace: Trace;
  /** For acts that must be in the trace when what they tell of is stored. */
  readonly outbox: TraceOutbox;
  readonly signers: KeptSigners;
  /** Issues, changes and finds licences; on a read-only gateway its issuing verbs throw READ_ONLY. */
  readonly desk: Desk;
  /** Where licences are found; the desk's own way to them. */
  readonly archive: Archive;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly drain: Drain;
  readonly imports: Imports;
  /** People, systems and their sessions. */
  readonly accounts: Accounts;
  /** Types and rules of the network as of now. */
  readonly shelf: TypeShelf;
  /** Codes of what must not be relied on (`/readyz`); empty when all is well. */
  readonly troubles: () => readonly string[];
}
