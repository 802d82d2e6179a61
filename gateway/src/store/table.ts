// SPDX-License-Identifier: Apache-2.0
// What the gateway keeps things in: an ordered table from text keys to bytes, written in atomic, durable batches.
// test/suites/table.ts is the behaviour of every engine.
import { gatewayError } from '../problem-codes.ts';

/** One change of a batch; without a value the key is deleted. Of two changes of one key the later counts. */
export interface TableChange {
  readonly key: string;
  readonly value?: Uint8Array;
  /** The batch is refused with CONFLICT when the key has a value already. */
  readonly ifAbsent?: true;
}

/** Which entries of a table: keys with a prefix, after a key, so many. */
export interface TableRange {
  readonly prefix: string;
  /** Full keys strictly greater than this one. */
  readonly after?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** An entry as `range` gives it. */
export interface TableEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * An ordered table. Reads give undefined for a missing key; what `write` returned from survives a kill.
 * Keys are ordered by their bytes in UTF-8 and hold no NUL.
 */
export interface Table {
  /** @throws STORE_CORRUPT when a sealed value does not open, ERASED when its key was destroyed, STORE_UNAVAILABLE */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The values of these keys, in their order: one question. @throws as `get` */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * All changes or none.
   * @throws STORAGE_FULL when the disk takes no more, CONFLICT (`ifAbsent`), STORE_UNAVAILABLE; nothing is written then
   */
  write(changes: readonly TableChange[]): Promise<void>;
  /** Read in pages: what is written meanwhile may be seen or not. */
  range(range: TableRange): AsyncIterable<TableEntry>;
}

/** The end of every range of a prefix: no key has this character. */
export const LAST_CHARACTER = '\u{10ffff}';

/** One change a key, the last; sorted, so that two batches never wait for each other crosswise. */
export function lastChanges(changes: readonly TableChange[]): readonly TableChange[] {
  const last = new Map(changes.map((change) => [change.key, change]));
  return [...last.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The error of a key that was to be new. */
export function keyExists(cause?: unknown): Error {
  const message = 'another request wrote this at the same time: read it again';
  return gatewayError('CONFLICT', message, { cause });
}
