// SPDX-License-Identifier: Apache-2.0
// The issuing desk as routes see it: licences in, licences changed, copies ordered. Each verb is durable when it
// returns and idempotent when it is called again after a kill.
import type { Copy } from '@zhenglian/core/copy';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { StatusClass, StatusState } from '@zhenglian/core/records/status';
import type { Remember } from '../middleware/idempotency.ts';
import type { TableChange } from '../store/table.ts';
import type { CopyRecord } from './copy-record.ts';
import type { Attachments, LicenceRecord } from './licence-record.ts';

/** What was accepted. */
export interface Accepted {
  readonly id: string;
  readonly state: 'queued';
  readonly number: string;
  readonly version: number;
}

/** A decision about a licence or one of its copies. */
export interface StatusAct {
  readonly state: StatusState;
  readonly class: StatusClass;
  readonly reason: string;
  readonly basis: string;
  /** Id of one copy; all of them unless given. */
  readonly copy?: string;
}

/** Where a status change was committed; null when no copy was anchored yet, so that nothing had to be. */
export type StatusCommitted = {
  readonly transactionId: string;
  readonly blockNumber: number;
} | null;

/** What a status change came to. */
export interface Changed {
  readonly id: string;
  readonly state: string;
  readonly committed: StatusCommitted;
}

/** A licence under its lock: no status act runs and none is half done. */
export interface HeldLicence {
  readonly licence: LicenceRecord;
  readonly copies: readonly CopyRecord[];
  /** @throws LICENCE_NOT_LIVING when it is suspended, has ended or has run out */
  requireInForce(): void;
  /**
   * Orders a device copy and waits for its anchor, unless its type is released while it waits. The same holder key gives the same copy again. `changes` are
   * written in the batch of the order (that a claim code is spent, say).
   * @throws ANCHOR_WAIT when it takes too long: ask again; LICENCE_NOT_LIVING
   */
  orderCopy(order: {
    readonly holderKey: Uint8Array;
    readonly changes?: readonly TableChange[];
  }): Promise<Copy>;
}

/** Everything that issues or changes. */
export interface Desk {
  issue(request: {
    readonly type: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly actor: string;
    readonly remember?: Remember;
  }): Promise<Accepted>;
  reissue(request: {
    readonly id: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly actor: string;
    readonly remember?: Remember;
  }): Promise<Accepted>;
  changeStatus(request: {
    readonly id: string;
    readonly act: StatusAct;
    readonly actor: string;
    readonly remember?: Remember;
  }): Promise<Changed>;
  /** @throws LICENCE_UNKNOWN */
  licence(id: string): Promise<LicenceRecord>;
  /** Clear content of digest slots. */
  attachments(licence: string): Promise<Attachments>;
  copies(licence: string): Promise<readonly CopyRecord[]>;
  /** Finds the record of a copy by where it stands. */
  copyAt(kid: Uint8Array, epoch: number, index: number): Promise<CopyRecord | undefined>;
  findByNumber(number: string): Promise<readonly LicenceRecord[]>;
  findBySubject(type: string, subject: string): Promise<readonly LicenceRecord[]>;
  /** Runs a task under the licence's lock. @throws LICENCE_UNKNOWN */
  withLicence<T>(id: string, task: (held: HeldLicence) => Promise<T>): Promise<T>;
  /** The authority that issues a type here. @throws TYPE_NOT_ISSUED when no authority of this gateway may */
  requireIssuer(type: string): string;
  /** The definition of a type, its newest version unless given. @throws TYPE_UNKNOWN */
  typeOf(code: string, version?: number): TypeDefinition;
}
