// SPDX-License-Identifier: Apache-2.0
// One organisation's world state in a LevelDB of its own: values with versions, transaction ids, flags, savepoint.
// Keys are `namespace NUL key`; what the store keeps for itself begins with NUL, which no namespace does.
import { concat, uintBytes } from '@zhenglian/core/bytes';
import { openDatabase } from './database.ts';
import type { Database, DatabaseSnapshot } from './database.ts';

/** Block and place of the transaction that wrote a value. */
export interface Version {
  readonly block: number;
  readonly index: number;
}

/** A value with its version. */
export interface StateEntry {
  readonly version: Version;
  readonly value: Uint8Array;
}

/** A key of a namespace with its value, as a range yields it. */
export interface KeyedEntry extends StateEntry {
  readonly key: string;
}

/** A write; `null` deletes. */
export interface StateWrite {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly version: Version;
}

/** Everything one block changes, applied in one batch. */
export interface BlockCommit {
  readonly block: number;
  /** One validation code a transaction. */
  readonly codes: Uint8Array;
  /** 32 bytes. */
  readonly commitHash: Uint8Array;
  /** Ids by place; empty where the id must not be indexed (a repetition, a forgery). */
  readonly transactionIds: readonly string[];
  readonly writes: readonly StateWrite[];
}

/** Where a transaction stands in the chain, and how this organisation judged it. */
export interface TransactionPlace {
  readonly block: number;
  readonly index: number;
  readonly code: number;
}

/** A view of the state that later commits do not change. */
export type StateSnapshot = DatabaseSnapshot;

const SAVEPOINT = '\0savepoint';
const PAGE = 512;

/** A live state database. */
export class StateStore {
  readonly #db: Database;
  #height: number;
  #commitHash: Uint8Array;

  private constructor(db: Database, savepoint: Uint8Array | undefined) {
    this.#db = db;
    this.#height = savepoint ? readUint(savepoint, 0) : 0;
    this.#commitHash = savepoint ? savepoint.slice(4) : new Uint8Array(0);
  }

  /** Opens or creates the database of a directory. Throws LevelDB's error. */
  static async open(directory: string): Promise<StateStore> {
    const db = await openDatabase(directory);
    return new StateStore(db, await db.get(SAVEPOINT));
  }

  /** Number of blocks applied. */
  get height(): number {
    return this.#height;
  }

  /** Hash over all that was applied: two organisations with equal hashes at a height hold equal states. */
  get commitHash(): Uint8Array {
    return this.#commitHash;
  }

  snapshot(): StateSnapshot {
    return this.#db.snapshot();
  }

  get(namespace: string, key: string, snapshot?: StateSnapshot): StateEntry | undefined {
    const stored = this.#db.getSync(`${namespace}\0${key}`, { snapshot });
    return stored && decodeEntry(stored);
  }

  /** Keys from `start` on, before `end` (all, when it is empty), in the order of their UTF-8 bytes. */
  async *range(
    namespace: string,
    start: string,
    end: string,
    snapshot?: StateSnapshot,
  ): AsyncGenerator<KeyedEntry> {
    const prefix = `${namespace}\0`;
    const limit = end === '' ? `${namespace}\x01` : prefix + end;
    const iterator = this.#db.iterator({ gte: prefix + start, lt: limit, snapshot });
    try {
      for (
        let page = await iterator.nextv(PAGE);
        page.length > 0;
        page = await iterator.nextv(PAGE)
      ) {
        for (const [key, stored] of page) {
          yield { key: key.slice(prefix.length), ...decodeEntry(stored) };
        }
      }
    } finally {
      await iterator.close();
    }
  }

  transaction(id: string): TransactionPlace | undefined {
    const stored = this.#db.getSync(`\0tx/${id}`);
    if (stored === undefined) return undefined;
    return { block: readUint(stored, 0), index: readUint(stored, 4), code: stored[8] ?? 255 };
  }

  /** How this organisation judged a block it has applied. */
  judgement(block: number): { codes: Uint8Array; commitHash: Uint8Array } | undefined {
    const stored = this.#db.getSync(blockKey(block));
    return stored && { commitHash: stored.slice(0, 32), codes: stored.slice(32) };
  }

  /**
   * Applies one block in one batch, its savepoint inside: after a crash the block is applied wholly or not at all.
   * Not synced: the block store is, and whatever is lost here is applied from it again.
   */
  async commit(commit: BlockCommit): Promise<void> {
    const batch = this.#db.batch();
    for (const { namespace, key, value, version } of commit.writes) {
      if (value === null) batch.del(`${namespace}\0${key}`);
      else batch.put(`${namespace}\0${key}`, encodeEntry(version, value));
    }
    commit.transactionIds.forEach((id, index) => {
      if (id !== '') batch.put(`\0tx/${id}`, encodePlace(commit, index));
    });
    batch.put(blockKey(commit.block), concat(commit.commitHash, commit.codes));
    batch.put(SAVEPOINT, concat(uintBytes(commit.block + 1, 4), commit.commitHash));
    await batch.write();
    this.#height = commit.block + 1;
    this.#commitHash = commit.commitHash;
  }

  /** Every key and value as stored, for audits. */
  async *dump(): AsyncGenerator<readonly [string, Uint8Array]> {
    yield* this.#db.iterator();
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

function blockKey(block: number): string {
  return `\0block/${String(block).padStart(10, '0')}`;
}

function encodeEntry(version: Version, value: Uint8Array): Uint8Array {
  return concat(uintBytes(version.block, 4), uintBytes(version.index, 4), value);
}

function decodeEntry(stored: Uint8Array): StateEntry {
  return {
    version: { block: readUint(stored, 0), index: readUint(stored, 4) },
    value: stored.slice(8),
  };
}

function encodePlace({ block, codes }: BlockCommit, index: number): Uint8Array {
  return concat(uintBytes(block, 4), uintBytes(index, 4), Uint8Array.of(codes[index] ?? 255));
}

function readUint(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
}
