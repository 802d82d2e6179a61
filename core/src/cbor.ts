// SPDX-License-Identifier: Apache-2.0
// The subset of deterministic CBOR (RFC 8949 §4.2.1) that licences, records and stores are made of: integers, byte and text
// strings, arrays, maps with text or integer keys, true, false, null. Encoding here, decoding in `cbor-decode.ts`.
// Not supported: tags, floats, undefined, indefinite lengths, other keys.
import { compareBytes, utf8 } from './bytes.ts';
import { LEDGER_LIMITS, MAJOR, SIMPLE, tooLarge } from './cbor-form.ts';
import type { CborInput, CborKey } from './cbor-form.ts';
import { CodedError } from './errors.ts';

export { decodeCbor, decodeTagged18 } from './cbor-decode.ts';
export { LEDGER_LIMITS } from './cbor-form.ts';
export type { CborInput, CborKey, CborLimits, CborValue } from './cbor-form.ts';

/**
 * Encodes a value; a member of a plain object that is `undefined` is left out.
 * @throws CBOR_TYPE (a float, an integer beyond 64 bits, anything else CBOR does not hold here), CBOR_TOO_DEEP, CBOR_TOO_LARGE
 */
export function encodeCbor(value: CborInput): Uint8Array {
  const writer = new Writer();
  writer.item(value, 1);
  return writer.end();
}

const TEXT_ON_THE_WAY = 40;
/** Most bytes that are kept for the next encoding. */
const KEPT_BYTES = 1 << 20;
let kept = new Uint8Array(4096);

/** Writes into what the last encoding left, which grows; nothing is called in between that could encode. */
class Writer {
  #bytes = kept;
  #at = 0;

  /** What was written. It may have been secret: the room it was made in is wiped. */
  end(): Uint8Array {
    if (this.#at > LEDGER_LIMITS.maxBytes) throw tooLarge('the whole');
    const written = this.#bytes.slice(0, this.#at);
    this.#bytes.fill(0, 0, this.#at);
    if (this.#bytes.length <= KEPT_BYTES) kept = this.#bytes;
    return written;
  }

  item(value: CborInput | undefined, depth: number): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#integer(value);
    else if (value === null) this.#byte(SIMPLE.null);
    else if (value instanceof Uint8Array) this.#string(MAJOR.bytes, value);
    else if (typeof value === 'boolean') this.#byte(value ? SIMPLE.true : SIMPLE.false);
    else if (typeof value === 'bigint') this.#bigint(value);
    else if (typeof value !== 'object') throw new CodedError('CBOR_TYPE', `no ${typeof value}`);
    else this.#container(value, depth);
  }

  #container(value: Exclude<CborInput, Uint8Array | null> & object, depth: number): void {
    if (depth > LEDGER_LIMITS.maxDepth) throw new CodedError('CBOR_TOO_DEEP', 'nested too deep');
    if (Array.isArray(value)) {
      const items = value as readonly CborInput[];
      this.#head(MAJOR.array, limited(items.length));
      for (const each of items) this.item(each, depth + 1);
      return;
    }
    const members = membersOf(value as Exclude<typeof value, readonly CborInput[]>);
    this.#head(MAJOR.map, limited(members.length));
    for (const [key, each] of members) {
      if (typeof key === 'string') this.#text(key);
      else this.#integer(key);
      this.item(each, depth + 1);
    }
  }

  #integer(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new CodedError('CBOR_TYPE', 'a number that is no integer below 2^53');
    }
    if (value < 0) this.#head(MAJOR.negative, -1 - value);
    else this.#head(MAJOR.unsigned, value);
  }

  #bigint(value: bigint): void {
    const [major, argument] = value < 0n ? [MAJOR.negative, -1n - value] : [MAJOR.unsigned, value];
    if (argument >= 1n << 64n) throw new CodedError('CBOR_TYPE', 'an integer beyond 64 bits');
    if (argument <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#head(major, Number(argument));
      return;
    }
    this.#room(9);
    this.#bytes[this.#at] = (major << 5) | 27;
    const { buffer, byteOffset } = this.#bytes;
    new DataView(buffer, byteOffset).setBigUint64(this.#at + 1, argument);
    this.#at += 9;
  }

  /** Most texts are short: they are written character by character, but for pairs of surrogates. */
  #text(text: string): void {
    const bytes = text.length < TEXT_ON_THE_WAY ? utf8Bytes(text) : undefined;
    if (bytes === undefined) {
      this.#string(MAJOR.text, utf8(text));
      return;
    }
    this.#head(MAJOR.text, bytes);
    this.#room(bytes);
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code < 0x80) this.#bytes[this.#at++] = code;
      else {
        if (code < 0x800) this.#bytes[this.#at++] = 0xc0 | (code >> 6);
        else {
          this.#bytes[this.#at++] = 0xe0 | (code >> 12);
          this.#bytes[this.#at++] = 0x80 | ((code >> 6) & 0x3f);
        }
        this.#bytes[this.#at++] = 0x80 | (code & 0x3f);
      }
    }
  }

  #string(major: number, content: Uint8Array): void {
    if (content.length > LEDGER_LIMITS.maxStringBytes) throw tooLarge('a string');
    this.#head(major, content.length);
    this.#room(content.length);
    this.#bytes.set(content, this.#at);
    this.#at += content.length;
  }

  /** Head of an item (RFC 8949 §3) in its shortest form. */
  #head(major: number, argument: number): void {
    const first = major << 5;
    if (argument < 24) {
      this.#byte(first | argument);
      return;
    }
    const width = argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 2 ** 32 ? 4 : 8;
    this.#room(1 + width);
    this.#bytes[this.#at] = first | INFO[width];
    let left = argument;
    for (let i = this.#at + width; i > this.#at; i -= 1) {
      this.#bytes[i] = left % 256;
      left = Math.floor(left / 256);
    }
    this.#at += 1 + width;
  }

  #byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.#at] = byte;
    this.#at += 1;
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    if (this.#at + length > LEDGER_LIMITS.maxBytes) throw tooLarge('the whole');
    const grown = new Uint8Array(2 * (this.#at + length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes.fill(0, 0, this.#at);
    this.#bytes = grown;
  }
}

/** Length of a text in UTF-8; undefined where characters come in pairs of surrogates, or half of one. */
function utf8Bytes(text: string): number | undefined {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdfff) return undefined;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  return bytes;
}

/** Additional information of a head by the bytes of its argument. */
const INFO = { 1: 24, 2: 25, 4: 26, 8: 27 } as const;

type Member = readonly [CborKey, CborInput | undefined];

/** Members in the order of their encoded keys. */
function membersOf(
  value: ReadonlyMap<CborKey, CborInput> | { readonly [key: string]: CborInput | undefined },
): readonly Member[] {
  const members: Member[] = [];
  if (value instanceof Map) members.push(...(value as ReadonlyMap<CborKey, CborInput>));
  else {
    for (const [key, each] of Object.entries(value)) {
      if (each !== undefined) members.push([key, each]);
    }
  }
  return members.sort(([a], [b]) => compareKeys(a, b));
}

/** Keys as RFC 8949 §4.2.1 orders them: by the bytes of their encodings, so that shorter ones come first. */
function compareKeys(a: CborKey, b: CborKey): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : 1;
  if (typeof b === 'string') return -1;
  if (a < 0 !== b < 0) return a < 0 ? 1 : -1;
  return a < 0 ? b - a : a - b;
}

function compareTexts(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a.length - b.length || (a < b ? -1 : 1);
  const [left, right] = [utf8(a), utf8(b)];
  return left.length - right.length || compareBytes(left, right);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function limited(items: number): number {
  if (items > LEDGER_LIMITS.maxItems) throw tooLarge('an array or map');
  return items;
}
