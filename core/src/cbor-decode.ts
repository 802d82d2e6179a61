// SPDX-License-Identifier: Apache-2.0
// Reads the one encoding of a value and no other, in one pass. An attacker chooses every byte: limits come before
// allocation, depth is bounded, and what does not follow RFC 8949 §4.2.1 to the bit is refused.
import { compareBytes, fromUtf8 } from './bytes.ts';
import { LEDGER_LIMITS, MAJOR, SIMPLE, tooLarge } from './cbor-form.ts';
import type { CborKey, CborLimits, CborValue } from './cbor-form.ts';
import { CodedError } from './errors.ts';

/**
 * Decodes one item and nothing more; maps come as `Map`, byte strings as copies.
 * @throws CBOR_TOO_LARGE, CBOR_TOO_DEEP, CBOR_MALFORMED, CBOR_NOT_CANONICAL, CBOR_TYPE, CBOR_UTF8, CBOR_TRAILING
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = LEDGER_LIMITS): CborValue {
  if (bytes.length > limits.maxBytes) throw tooLarge('the whole');
  // A plain view, for a Buffer gives views where others give copies.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const reader = new Reader(plain, limits);
  const value = reader.item(1);
  if (!reader.isAtEnd()) throw new CodedError('CBOR_TRAILING', 'bytes follow the item');
  return value;
}

/** Decodes the tagged COSE_Sign1 (`d2` before an array): the one place where a tag may stand. @throws as `decodeCbor` */
export function decodeTagged18(bytes: Uint8Array, limits: CborLimits): CborValue {
  if (bytes[0] !== 0xd2) throw new CodedError('COSE_SHAPE', 'not a tagged COSE_Sign1');
  return decodeCbor(bytes.subarray(1), limits);
}

const SHORT_TEXT = 24;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #limits: CborLimits;
  #at = 0;

  constructor(bytes: Uint8Array, limits: CborLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  item(depth: number): CborValue {
    const first = this.#byte();
    const major = first >> 5;
    switch (major) {
      case MAJOR.unsigned:
        return this.#unsigned(first & 31);
      case MAJOR.negative: {
        const argument = this.#unsigned(first & 31);
        const negative = typeof argument === 'number' ? -1 - argument : -1n - argument;
        return Number.isSafeInteger(negative) ? negative : BigInt(argument) * -1n - 1n;
      }
      case MAJOR.bytes:
        return this.#content(first & 31).slice();
      case MAJOR.text:
        return textOf(this.#content(first & 31));
      case MAJOR.array:
        return this.#array(first & 31, depth);
      case MAJOR.map:
        return this.#map(first & 31, depth);
      default:
        return simple(first);
    }
  }

  #array(info: number, depth: number): readonly CborValue[] {
    const count = this.#count(info, depth);
    const items: CborValue[] = [];
    for (let i = 0; i < count; i += 1) items.push(this.item(depth + 1));
    return items;
  }

  #map(info: number, depth: number): ReadonlyMap<CborKey, CborValue> {
    const count = this.#count(info, depth);
    const members = new Map<CborKey, CborValue>();
    let before: Uint8Array | undefined;
    for (let i = 0; i < count; i += 1) {
      const start = this.#at;
      const key = this.item(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number') {
        throw new CodedError('CBOR_TYPE', 'a key is neither a text nor a small integer');
      }
      const encoded = this.#bytes.subarray(start, this.#at);
      if (before !== undefined && compareBytes(before, encoded) >= 0) {
        throw new CodedError('CBOR_NOT_CANONICAL', 'keys out of order, or one twice');
      }
      before = encoded;
      members.set(key, this.item(depth + 1));
    }
    return members;
  }

  /** Number of items, checked before any of them is read. */
  #count(info: number, depth: number): number {
    const count = this.#length(info);
    if (count > this.#limits.maxItems) throw tooLarge('an array or map');
    if (depth > this.#limits.maxDepth) throw new CodedError('CBOR_TOO_DEEP', 'nested too deep');
    return count;
  }

  #content(info: number): Uint8Array {
    const length = this.#length(info);
    if (length > this.#limits.maxStringBytes) throw tooLarge('a string');
    const start = this.#at;
    if (start + length > this.#bytes.length) throw malformed();
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  #length(info: number): number {
    return Number(this.#unsigned(info));
  }

  /** Argument of a head: below 2^53 a number, else a bigint. */
  #unsigned(info: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) throw malformed();
    const width = 1 << (info - 24);
    if (this.#at + width > this.#bytes.length) throw malformed();
    let argument = 0;
    for (let i = 0; i < width; i += 1) argument = argument * 256 + this.#byte();
    if (argument < (LEAST[width] ?? 0)) {
      throw new CodedError('CBOR_NOT_CANONICAL', 'a longer form than needed');
    }
    if (argument <= Number.MAX_SAFE_INTEGER) return argument;
    const { buffer, byteOffset } = this.#bytes;
    return new DataView(buffer, byteOffset).getBigUint64(this.#at - width);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed();
    this.#at += 1;
    return byte;
  }
}

/** The least argument that needs so many bytes. */
const LEAST: Readonly<Record<number, number>> = { 1: 24, 2: 0x100, 4: 0x1_0000, 8: 2 ** 32 };

/** Most texts are short and ASCII, for which the decoder of the platform is slow to start. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length > SHORT_TEXT) return fromUtf8(bytes);
  let text = '';
  for (const byte of bytes) {
    if (byte > 0x7f) return fromUtf8(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

function simple(first: number): boolean | null {
  if (first === SIMPLE.null) return null;
  if (first === SIMPLE.true || first === SIMPLE.false) return first === SIMPLE.true;
  if (first >> 5 === 6) throw new CodedError('CBOR_TYPE', 'a tag is not allowed here');
  if ((first & 31) >= 28) throw malformed();
  throw new CodedError('CBOR_TYPE', 'a float or simple value');
}

function malformed(): CodedError {
  return new CodedError('CBOR_MALFORMED', 'the bytes end early or use a reserved form');
}
