// SPDX-License-Identifier: Apache-2.0
// SM4 (GB/T 32907-2016) and GHASH in plain JavaScript for engines without WebAssembly: bitsliced
// over eight blocks, GHASH bit by bit with masks. Slow; no table and no branch on data.
import { concatBytes, equalBytes } from './bytes.ts';
import { gcmLengths, PREPARED_BYTES, TAG_BYTES, wholeBlocks } from './gcm-form.ts';
import { subPlanes } from './sm4-sbox.ts';

const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc];

/** Each block of `blocks` by itself; `reverse` decrypts. */
export function sm4Blocks(key: Uint8Array, blocks: Uint8Array, reverse: boolean): Uint8Array {
  const keys = roundKeys(key);
  return enciphered(reverse ? keys.reverse() : keys, blocks);
}

function enciphered(keys: readonly number[], blocks: Uint8Array): Uint8Array {
  const result = new Uint8Array(blocks.length);
  for (let at = 0; at < blocks.length; at += 128) {
    const group = new Uint8Array(128);
    group.set(blocks.subarray(at, at + 128));
    result.set(eight(group, keys).subarray(0, Math.min(128, blocks.length - at)), at);
  }
  return result;
}

/** Counter mode from a block of 16 bytes on. */
export function sm4Ctr(key: Uint8Array, counter: Uint8Array, bytes: Uint8Array): Uint8Array {
  return addStream(roundKeys(key), counter, bytes, 16);
}

/** The last `counterBytes` of the counter block are what counts and wraps. */
function addStream(
  keys: readonly number[],
  counter: Uint8Array,
  bytes: Uint8Array,
  counterBytes: number,
): Uint8Array {
  const block = Uint8Array.from(counter);
  const pads = new Uint8Array(wholeBlocks(bytes.length));
  for (let at = 0; at < pads.length; at += 16) {
    pads.set(block, at);
    for (let index = 15, carry = 1; index >= 16 - counterBytes; index -= 1) {
      const sum = (block[index] ?? 0) + carry;
      block[index] = sum;
      carry = sum >> 8;
    }
  }
  const stream = enciphered(keys, pads);
  // Not bytes.map: a Buffer's is a Buffer.
  return Uint8Array.from(bytes, (byte, index) => byte ^ (stream[index] ?? 0));
}

/** The round keys and H of a key. */
export function gcmKey(key: Uint8Array): Uint8Array {
  const keys = roundKeys(key);
  const prepared = new Uint8Array(PREPARED_BYTES);
  const view = new DataView(prepared.buffer);
  for (const [round, word] of keys.entries()) view.setInt32(4 * round, word, true);
  prepared.set(enciphered(keys, new Uint8Array(16)), PREPARED_BYTES - 16);
  return prepared;
}

/** The ciphertext and its tag. */
export function gcmSeal(
  prepared: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  const ciphertext = gcmStream(prepared, iv, 2, text);
  return concatBytes(ciphertext, tagOf(prepared, iv, ciphertext, additional));
}

/** The text; undefined when the tag is wrong. */
export function gcmOpen(
  prepared: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  additional: Uint8Array,
): Uint8Array | undefined {
  const ciphertext = sealed.subarray(0, sealed.length - TAG_BYTES);
  const tag = tagOf(prepared, iv, ciphertext, additional);
  const isRight = equalBytes(tag, sealed.subarray(ciphertext.length));
  return isRight ? gcmStream(prepared, iv, 2, ciphertext) : undefined;
}

function gcmStream(
  prepared: Uint8Array,
  iv: Uint8Array,
  counter: number,
  text: Uint8Array,
): Uint8Array {
  const view = new DataView(prepared.buffer, prepared.byteOffset);
  const keys = Array.from({ length: 32 }, (_, round) => view.getInt32(4 * round, true));
  return addStream(keys, concatBytes(iv, Uint8Array.of(0, 0, 0, counter)), text, 4);
}

function tagOf(
  prepared: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  const before = wholeBlocks(additional.length) + wholeBlocks(ciphertext.length);
  const input = new Uint8Array(before + 16);
  input.set(additional);
  input.set(ciphertext, wholeBlocks(additional.length));
  input.set(gcmLengths(additional.length, ciphertext.length), before);
  return gcmStream(prepared, iv, 1, ghash(prepared.subarray(PREPARED_BYTES - 16), input));
}

/** GHASH of whole blocks, one bit of the state at a time. */
export function ghash(h: Uint8Array, blocks: Uint8Array): Uint8Array {
  const state = new Uint8Array(16);
  for (let at = 0; at < blocks.length; at += 16) {
    for (let index = 0; index < 16; index += 1) {
      state[index] = (state[index] ?? 0) ^ (blocks[at + index] ?? 0);
    }
    multiplyInto(state, h);
  }
  return state;
}

function multiplyInto(state: Uint8Array, h: Uint8Array): void {
  const value = Uint8Array.from(h);
  const product = new Uint8Array(16);
  for (let bit = 0; bit < 128; bit += 1) {
    const take = -(((state[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    let carry = 0;
    for (let index = 0; index < 16; index += 1) {
      const byte = value[index] ?? 0;
      product[index] = (product[index] ?? 0) ^ (byte & take);
      value[index] = (byte >> 1) | (carry << 7);
      carry = byte & 1;
    }
    value[0] = (value[0] ?? 0) ^ (0xe1 & -carry);
  }
  state.set(product);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function roundKeys(key: Uint8Array): number[] {
  const view = new DataView(Uint8Array.from(key).buffer);
  let [a = 0, b = 0, c = 0, d = 0] = FK.map((word, index) => view.getInt32(4 * index) ^ word);
  return Array.from({ length: 32 }, (_, round) => {
    let ck = 0;
    for (let j = 0; j < 4; j += 1) ck = (ck << 8) | (((4 * round + j) * 7) & 255);
    const t = subWord(b ^ c ^ d ^ ck);
    const next = a ^ t ^ rotate(t, 13) ^ rotate(t, 23);
    [a, b, c, d] = [b, c, d, next];
    return next;
  });
}

// In a plane, byte s of the word (0 the lowest) of block i is bit 8s + i.
function subWord(word: number): number {
  const planes = new Int32Array(8);
  for (let bit = 0; bit < 32; bit += 1) {
    planes[bit & 7] = (planes[bit & 7] ?? 0) | (((word >>> bit) & 1) << (bit & 24));
  }
  subPlanes(planes);
  let result = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    result |= (((planes[bit & 7] ?? 0) >>> (bit & 24)) & 1) << bit;
  }
  return result;
}

/** Eight blocks through all rounds. */
function eight(group: Uint8Array, keys: readonly number[]): Uint8Array {
  const words = [0, 1, 2, 3].map((word) => slice(group, word));
  const t = new Int32Array(8);
  for (const [round, key] of keys.entries()) {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => words[(round + i) & 3] ?? t);
    for (let j = 0; j < 8; j += 1) {
      t[j] = plane(b, j) ^ plane(c, j) ^ plane(d, j) ^ keyPlane(key, j);
    }
    subPlanes(t);
    for (let j = 0; j < 8; j += 1) if (a !== undefined) a[j] = plane(a, j) ^ spread(t, j);
  }
  const output = new Uint8Array(128);
  for (const [index, word] of [...words].reverse().entries()) unslice(output, word, index);
  return output;
}

function plane(planes: Int32Array | undefined, j: number): number {
  return planes?.[j] ?? 0;
}

/** Plane j of L(B) = B ^ B<<<2 ^ B<<<10 ^ B<<<18 ^ B<<<24. */
function spread(t: Int32Array, j: number): number {
  const r = j >= 2 ? plane(t, j - 2) : rotate(plane(t, j + 6), 8);
  return plane(t, j) ^ r ^ rotate(r, 8) ^ rotate(r, 16) ^ rotate(plane(t, j), 24);
}

function keyPlane(key: number, j: number): number {
  let result = 0;
  for (let s = 0; s < 32; s += 8) result |= (-((key >>> (s + j)) & 1) & 255) << s;
  return result;
}

function slice(group: Uint8Array, word: number): Int32Array {
  const planes = new Int32Array(8);
  for (let block = 0; block < 8; block += 1) {
    for (let s = 0; s < 4; s += 1) {
      const byte = group[16 * block + 4 * word + 3 - s] ?? 0;
      for (let j = 0; j < 8; j += 1) {
        planes[j] = plane(planes, j) | (((byte >> j) & 1) << (8 * s + block));
      }
    }
  }
  return planes;
}

function unslice(output: Uint8Array, planes: Int32Array, word: number): void {
  for (let block = 0; block < 8; block += 1) {
    for (let s = 0; s < 4; s += 1) {
      let byte = 0;
      for (let j = 0; j < 8; j += 1) byte |= ((plane(planes, j) >>> (8 * s + block)) & 1) << j;
      output[16 * block + 4 * word + 3 - s] = byte;
    }
  }
}
