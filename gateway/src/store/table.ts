// SPDX-License-Identifier: Apache-2.0
// What the gateway keeps things in: an ordered table from text keys to bytes, written in atomic, durable batches.

/** One change of a batch; without a value the key is deleted. */
export interface TableChange {
  readonly key: string;
  readonly value?: Uint8Array;
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

/** An ordered table. Reads give undefined for a missing key; what `write` returned from survives a kill. */
export interface Table {
  /** @throws STORE_CORRUPT when a sealed value does not open */
  get(key: string): Promise<Uint8Array | undefined>;
  /** All changes or none. @throws STORAGE_FULL when the disk takes no more; nothing is written then */
  write(changes: readonly TableChange[]): Promise<void>;
  range(range: TableRange): AsyncIterable<TableEntry>;
}
