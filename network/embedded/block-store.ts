// SPDX-License-Identifier: Apache-2.0
// The one chain of the embedded network, durable before anybody applies it. Opening it is the lock on the data directory.
import { CodedError } from '@zhenglian/core/errors';
import { decodeOrderedBlock, encodeBlock } from '../block.ts';
import { openDatabase } from './database.ts';
import type { OrderedBlock } from '../block.ts';
import type { Database } from './database.ts';

/** The live chain. */
export class BlockStore {
  readonly #db: Database;
  #height: number;
  #lastHash: Uint8Array;

  private constructor(db: Database, last: OrderedBlock | undefined) {
    this.#db = db;
    this.#height = last ? last.number + 1 : 0;
    this.#lastHash = last ? last.hash : new Uint8Array(0);
  }

  /** Opens or creates the chain of a directory. @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, BLOCK_INVALID */
  static async open(directory: string): Promise<BlockStore> {
    let db: Database;
    try {
      db = await openDatabase(directory);
    } catch (cause) {
      throw openError(cause);
    }
    const [last] = await db.values({ reverse: true, limit: 1 }).all();
    return new BlockStore(db, last && decodeOrderedBlock(last));
  }

  /** Number of blocks. */
  get height(): number {
    return this.#height;
  }

  /** Hash of the last header; empty before the first block. */
  get lastHash(): Uint8Array {
    return this.#lastHash;
  }

  /** Appends the next block, synced to disk: from here on it is history. */
  async append(block: OrderedBlock): Promise<void> {
    if (block.number !== this.#height) throw new TypeError('a block out of order');
    await this.#db.put(blockKey(block.number), encodeBlock(block), { sync: true });
    this.#height = block.number + 1;
    this.#lastHash = block.hash;
  }

  /** Bytes of header and data of a block below the height. */
  bytes(number: number): Uint8Array | undefined {
    return this.#db.getSync(blockKey(number));
  }

  /** A block below the height. @throws BLOCK_INVALID when the disk gives another */
  read(number: number): OrderedBlock {
    const bytes = this.bytes(number);
    if (!bytes) throw new CodedError('BLOCK_INVALID', `block ${String(number)} is missing`);
    return decodeOrderedBlock(bytes);
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

function blockKey(number: number): string {
  return String(number).padStart(10, '0');
}

function openError(error: unknown): CodedError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'LEVEL_LOCKED'
    ? new CodedError('DATA_DIR_LOCKED', 'another ledger process uses this data directory', {
        cause,
      })
    : new CodedError('DATA_DIR_UNWRITABLE', 'the data directory cannot be written', {
        cause: error,
      });
}
