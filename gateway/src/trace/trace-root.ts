// SPDX-License-Identifier: Apache-2.0
// One root of the trace: stored as `closing` before it is sent, so that the same entries go under the same number
// however often a kill or a lost answer makes the gateway send it again.
import { decodeCbor } from '@zhenglian/core/cbor';
import { merkleTree } from '@zhenglian/core/merkle';
import type { MerkleTree } from '@zhenglian/core/merkle';
import { hash } from '@zhenglian/core/records/fields';
import { emptyChain } from '@zhenglian/core/records/status';
import { traceChain } from '@zhenglian/core/records/trace-root';
import type { TraceContent } from '@zhenglian/core/records/trace-root';
import { integer, nullable, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { putCbor, valuesOf } from '../store/table-cbor.ts';
import type { Table, TableChange } from '../store/table.ts';
import { encodeEntry, TRACE_PREFIXES } from './trace-entry.ts';
import { entriesFrom } from './trace-rows.ts';

const position = integer(0, Number.MAX_SAFE_INTEGER);
const storedRoot = record({
  n: position,
  first: position,
  count: integer(1, 0xffff_ffff),
  root: hash,
  previous: hash,
  transactionId: nullable(text(128)),
});

/** A root; without a transaction it is closing. */
export type StoredRoot = Shaped<typeof storedRoot>;

const rootKey = (n: number) => `root/${String(n).padStart(10, '0')}`;

/** The change that stores a root. */
export function storeRoot(root: StoredRoot): TableChange {
  return putCbor(rootKey(root.n), { ...root });
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeRoot(stored: Uint8Array): StoredRoot {
  return storedRoot(decodeCbor(stored), 'root');
}

/** The newest root, or undefined before the first. */
export async function newestRoot(db: Table): Promise<StoredRoot | undefined> {
  const [newest] = await valuesOf(db, { prefix: 'root/', reverse: true, limit: 1 });
  return newest === undefined ? undefined : decodeRoot(newest);
}

/** What a root says to the ledger. */
export function rootContent(root: StoredRoot, instance: string): TraceContent {
  const { n, first, count, root: hashed, previous } = root;
  return { instance, n, first, count, root: hashed, previous };
}

/** The root after `before` over the next `count` entries. */
export async function closeRoot(
  db: Table,
  before: StoredRoot | undefined,
  instance: string,
  count: number,
): Promise<StoredRoot> {
  const first = before === undefined ? 0 : before.first + before.count;
  return {
    n: before === undefined ? 0 : before.n + 1,
    first,
    count,
    root: (await rootTree(db, first, count)).root,
    previous: before === undefined ? emptyChain() : traceChain(rootContent(before, instance)),
    transactionId: null,
  };
}

/** The tree over stored entries. */
export async function rootTree(db: Table, first: number, count: number): Promise<MerkleTree> {
  const contents: Uint8Array[] = [];
  for await (const entries of entriesFrom(db, first, count)) {
    contents.push(...entries.map(encodeEntry));
  }
  return merkleTree(contents, TRACE_PREFIXES);
}
