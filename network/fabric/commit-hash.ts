// SPDX-License-Identifier: Apache-2.0
// A peer's commit hash (block metadata 4): SHA-256 over count and codes of the block's flags, what its valid transactions write, and the commit
// hash before. Made again here, it binds every flag up to a block to one hash that other organisations' peers show too.
import { createHash } from 'node:crypto';
import { concat, equals } from '@zhenglian/core/bytes';
import { ENDORSER_TRANSACTION } from '../transaction.ts';
import { readFields, writeBytes, writeTrue, writeVarint } from '../wire-fields.ts';

/** What a block writes, or that only a peer's state can tell. */
export interface BlockWrites {
  readonly number: number;
  readonly envelopes: readonly Uint8Array[];
  readonly codes: Uint8Array;
}

/** One key's last write of a block; no value: deleted. */
interface Write {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly transaction: number;
}
/** Writes by key; by collection, '' the public one; by namespace. Names are bytes as Latin-1, so that they sort as bytes. */
type Keys = Map<string, Write>;
type Namespaces = Map<string, Map<string, Keys>>;

const VALID = 0;
const EMPTY_HASH = createHash('sha256').digest();

/**
 * The commit hash after a block; undefined when a valid transaction sets a key's own policy and leaves its value, which only the state knows.
 * Throws on bytes that no peer calls valid.
 */
export function commitHashAfter(block: BlockWrites, before: Uint8Array): Uint8Array | undefined {
  const namespaces: Namespaces = new Map();
  for (const [i, envelope] of block.envelopes.entries()) {
    if (block.codes[i] === VALID && !collect(namespaces, envelope, i)) return undefined;
  }
  return new Uint8Array(
    createHash('sha256')
      .update(concat(writeVarint(block.codes.length), block.codes))
      .update(encodeWrites(namespaces, block.number))
      .update(before)
      .digest(),
  );
}

/** Adds a transaction's writes; false when they depend on the state. */
function collect(namespaces: Namespaces, envelope: Uint8Array, transaction: number): boolean {
  const results = readResults(envelope);
  if (results === undefined) return true;
  for (const bytes of readFields(results).list(2)) {
    const set = readFields(bytes);
    const name = latin(set.bytes(1));
    const open = readFields(set.bytes(2));
    const isKnown = add(namespaces, name, '', {
      transaction,
      writes: open.list(3).map(readWrite),
      metadata: open.list(4),
    });
    if (!isKnown) return false;
    for (const collection of set.list(3).map(readFields)) {
      const hashed = readFields(collection.bytes(2));
      const isHashedKnown = add(namespaces, name, latin(collection.bytes(1)), {
        transaction,
        writes: hashed.list(2).map(readHashedWrite),
        metadata: hashed.list(3),
      });
      if (!isHashedKnown) return false;
    }
  }
  return true;
}

/** The read-write set of an endorsed transaction; undefined for a configuration, whose writes the hash leaves out. */
function readResults(envelope: Uint8Array): Uint8Array | undefined {
  const payload = readFields(readFields(envelope).bytes(1));
  if (readFields(payload.message(1).bytes(1)).int32(1) !== ENDORSER_TRANSACTION) return undefined;
  const [action = new Uint8Array(0)] = readFields(payload.bytes(2)).list(1);
  const endorsed = readFields(readFields(action).bytes(2)).message(2);
  return readFields(readFields(endorsed.bytes(1)).bytes(2)).bytes(1);
}

function readWrite(bytes: Uint8Array): Omit<Write, 'transaction'> {
  const write = readFields(bytes);
  return { key: write.bytes(1), value: write.flag(2) ? new Uint8Array(0) : write.bytes(3) };
}

function readHashedWrite(bytes: Uint8Array): Omit<Write, 'transaction'> {
  const write = readFields(bytes);
  const value = write.bytes(3);
  const isDeleted = write.flag(2) || equals(value, EMPTY_HASH);
  return { key: write.bytes(1), value: isDeleted ? new Uint8Array(0) : value };
}

function add(
  namespaces: Namespaces,
  namespace: string,
  collection: string,
  set: {
    readonly transaction: number;
    readonly writes: readonly Omit<Write, 'transaction'>[];
    readonly metadata: readonly Uint8Array[];
  },
): boolean {
  const own = new Set(set.writes.map(({ key }) => latin(key)));
  if (!set.metadata.every((bytes) => own.has(latin(readFields(bytes).bytes(1))))) return false;
  if (set.writes.length === 0) return true;
  const collections = namespaces.get(namespace) ?? new Map<string, Keys>();
  namespaces.set(namespace, collections);
  const keys = collections.get(collection) ?? new Map<string, Write>();
  collections.set(collection, keys);
  for (const write of set.writes) {
    keys.set(latin(write.key), { ...write, transaction: set.transaction });
  }
  return true;
}

/** One list of all writes; a namespace and a collection are named once, at their first. The configuration's own namespace, '', is left out. */
function encodeWrites(namespaces: Namespaces, block: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [namespace, collections] of sorted(namespaces)) {
    if (namespace === '') continue;
    let isFirst = true;
    for (const [collection, keys] of sorted(collections)) {
      let isFirstOfCollection = true;
      for (const [, write] of sorted(keys)) {
        const names = [
          isFirst ? writeBytes(1, fromLatin(namespace)) : new Uint8Array(0),
          isFirstOfCollection ? writeBytes(2, fromLatin(collection)) : new Uint8Array(0),
        ];
        parts.push(writeBytes(1, concat(...names, encodeWrite(write, block))));
        isFirst = isFirstOfCollection = false;
      }
    }
  }
  return concat(...parts);
}

function encodeWrite({ key, value, transaction }: Write, block: number): Uint8Array {
  const version = concat(ordered(block), ordered(transaction));
  const kept = value.length === 0 ? writeTrue(4) : writeBytes(5, value);
  return concat(writeBytes(3, key), kept, writeBytes(6, version));
}

/** Count of bytes, then the bytes, highest first. */
function ordered(value: number): Uint8Array {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.from([digits.length, ...digits]);
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function fromLatin(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
