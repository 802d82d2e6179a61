// SPDX-License-Identifier: Apache-2.0
// Protobuf as Fabric's own programs read it, for bytes that clients made: unknown fields are passed over, the last of a
// repeated single field counts, embedded messages merge. A stricter reader here would let one client stop every replica,
// another one would let it show replicas another transaction than the peers executed.
import { concat } from '@zhenglian/core/bytes';

/** A message's fields by number. */
export interface Fields {
  /** Bytes or text: the last one given, or empty. */
  bytes(no: number): Uint8Array;
  /** An embedded message: all that were given, merged. */
  message(no: number): Fields;
  /** A repeated field. */
  list(no: number): readonly Uint8Array[];
  /** An int32, or an enumeration. */
  int32(no: number): number;
  /** An int64; beyond 2^53 it is not exact. */
  int64(no: number): number;
  /** A boolean. */
  flag(no: number): boolean;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const GROUP = 3;
const GROUP_END = 4;
const FIXED32 = 5;
const MAX_DEPTH = 100;

/** Reads one message. @throws RangeError when its bytes are no protobuf */
export function readFields(bytes: Uint8Array): Fields {
  const delimited = new Map<number, Uint8Array[]>();
  const integers = new Map<number, bigint>();
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const { no, wire } = readTag(cursor);
    if (wire === DELIMITED) {
      const value = take(cursor, Number(readVarint(cursor)));
      const known = delimited.get(no);
      if (known) known.push(value);
      else delimited.set(no, [value]);
    } else if (wire === VARINT) integers.set(no, readVarint(cursor));
    else skip(cursor, no, wire, 0);
  }
  const list = (no: number) => delimited.get(no) ?? [];
  return {
    list,
    bytes: (no) => list(no).at(-1) ?? new Uint8Array(0),
    message: (no) => readFields(concat(...list(no))),
    int32: (no) => Number(BigInt.asIntN(32, integers.get(no) ?? 0n)),
    int64: (no) => Number(BigInt.asIntN(64, integers.get(no) ?? 0n)),
    flag: (no) => (integers.get(no) ?? 0n) !== 0n,
  };
}

/** A field of bytes as protobuf writes it: nothing when they are empty. */
export function writeBytes(no: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  return concat(Uint8Array.of((no << 3) | DELIMITED), writeVarint(bytes.length), bytes);
}

/** A field that is true. */
export function writeTrue(no: number): Uint8Array {
  return Uint8Array.of((no << 3) | VARINT, 1);
}

/** Base-128 form of a number. */
export function writeVarint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 0x80);
  return Uint8Array.from([...digits, rest]);
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function readTag(cursor: Cursor): { no: number; wire: number } {
  const tag = Number(readVarint(cursor));
  const no = Math.floor(tag / 8);
  if (no < 1 || no > 0x1fffffff) throw new RangeError('not a field');
  return { no, wire: tag % 8 };
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new RangeError('it ends too early');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new RangeError('a number is too long');
}

function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new RangeError('it ends too early');
  const value = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return value;
}

function skip(cursor: Cursor, no: number, wire: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError('it nests too deep');
  if (wire === VARINT) readVarint(cursor);
  else if (wire === FIXED64) take(cursor, 8);
  else if (wire === FIXED32) take(cursor, 4);
  else if (wire === DELIMITED) take(cursor, Number(readVarint(cursor)));
  else if (wire === GROUP) {
    for (;;) {
      const inner = readTag(cursor);
      if (inner.wire === GROUP_END) {
        if (inner.no !== no) throw new RangeError('a group ends that did not begin');
        return;
      }
      skip(cursor, inner.no, inner.wire, depth + 1);
    }
  } else throw new RangeError('no such kind of field');
}
