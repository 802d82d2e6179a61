// SPDX-License-Identifier: Apache-2.0
// SM3 compression (GB/T 32905-2016 §5.3) in plain JavaScript, kept as one rolled loop: unrolled
// code of this size falls out of Firefox's optimiser.

/** The chaining value before the first block. */
export const SM3_INITIAL: readonly number[] = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];

/** Folds `blocks` 64-byte blocks of `data` from `offset` into `state` (eight words). */
export function compressRolled(
  state: Int32Array,
  data: Uint8Array,
  offset: number,
  blocks: number,
): void {
  for (let block = 0; block < blocks; block += 1) {
    expand(data, offset + 64 * block);
    rounds(state);
  }
}

const words = new Int32Array(68);
const constants = Int32Array.from({ length: 64 }, (_, j) =>
  rotate(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32),
);

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function at(list: Int32Array, index: number): number {
  return list[index] ?? 0;
}

function expand(data: Uint8Array, offset: number): void {
  const view = new DataView(data.buffer, data.byteOffset + offset, 64);
  for (let j = 0; j < 16; j += 1) words[j] = view.getInt32(4 * j);
  for (let j = 16; j < 68; j += 1) {
    const x = at(words, j - 16) ^ at(words, j - 9) ^ rotate(at(words, j - 3), 15);
    words[j] = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(at(words, j - 13), 7) ^ at(words, j - 6);
  }
}

function rounds(state: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let j = 0; j < 64; j += 1) {
    const a12 = rotate(a, 12);
    const ss1 = rotate((a12 + e + at(constants, j)) | 0, 7);
    const tt1 = (choose(j, a, b, c) + d + (ss1 ^ a12) + (at(words, j) ^ at(words, j + 4))) | 0;
    const tt2 = (select(j, e, f, g) + h + ss1 + at(words, j)) | 0;
    d = c;
    c = rotate(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotate(f, 19);
    f = e;
    e = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17);
  }
  mix(state, [a, b, c, d, e, f, g, h]);
}

function choose(j: number, x: number, y: number, z: number): number {
  return j < 16 ? x ^ y ^ z : (x & y) | (x & z) | (y & z);
}

function select(j: number, x: number, y: number, z: number): number {
  return j < 16 ? x ^ y ^ z : (x & y) | (~x & z);
}

function mix(state: Int32Array, next: readonly number[]): void {
  for (const [index, word] of next.entries()) state[index] = at(state, index) ^ word;
}
