// SPDX-License-Identifier: Apache-2.0
// SM4 (GB/T 32907-2016) bitsliced over sixteen blocks: bit j of the bytes of a word lies in plane j,
// byte s (0 the lowest) in bits 16s to 16s + 15, a bit for each block. No table, no branch on data.
import { sm4Round } from './sm4';
import { CHUNK, INVERSE, NONCE, PREPARED, SECRET, SLICES } from './layout';

const STATE: usize = SLICES;            // four words of eight planes
const KEYS: usize = SLICES + 256;       // 32 round keys of eight planes
const ONES: u64 = 0x0001000100010001;
/** A batch of key stream, 256 bytes. */
export const PAD: usize = KEYS + 2048;
/** GHASH's state while it runs. */
export const TAG: usize = INVERSE;

/** The round keys of the 16 bytes at SECRET, as words at PREPARED too; `reverse` for decryption. */
export function sm4Key(reverse: i32): void {
  let k0 = bswap<u32>(load<u32>(SECRET)) ^ 0xa3b1bac6;
  let k1 = bswap<u32>(load<u32>(SECRET, 4)) ^ 0x56aa3350;
  let k2 = bswap<u32>(load<u32>(SECRET, 8)) ^ 0x677d9197;
  let k3 = bswap<u32>(load<u32>(SECRET, 12)) ^ 0xb27022dc;
  memory.fill(STATE + 128, 0, 64);
  for (let round = 0; round < 32; round++) {
    // CK: byte j of word i is (4i + j)·7 mod 256.
    let ck: u32 = 0;
    for (let j = 0; j < 4; j++) ck = (ck << 8) | <u32>(((4 * round + j) * 7) & 255);
    const t = subWord(k1 ^ k2 ^ k3 ^ ck);
    const key = k0 ^ t ^ rotl<u32>(t, 13) ^ rotl<u32>(t, 23);
    k0 = k1; k1 = k2; k2 = k3; k3 = key;
    store<u32>(PREPARED + 4 * <usize>round, key);
    keyPlanes(KEYS + 64 * <usize>(reverse ? 31 - round : round), key);
  }
}

/** The round keys of the words at PREPARED, for encryption. */
export function sm4Load(): void {
  for (let round: usize = 0; round < 32; round++) keyPlanes(KEYS + 64 * round, load<u32>(PREPARED + 4 * round));
}

/** The bytes of a word, 16 bits apart. */
// @ts-ignore: decorator
@inline function apart(word: u32): u64 {
  const x = <u64>word;
  return (x & 0xff) | ((x & 0xff00) << 8) | ((x & 0xff0000) << 16) | ((x & 0xff000000) << 24);
}

/** The S-box on the four bytes of a word, got from a round on nothing else by undoing its L: one S-box in the module. */
function subWord(word: u32): u32 {
  const bytes = apart(word);
  for (let j: usize = 0; j < 8; j++) {
    store<u64>(STATE + 8 * j, 0);
    store<u64>(STATE + 64 + 8 * j, (bytes >> <u64>j) & ONES);
  }
  sm4Round(STATE, STATE + 64, STATE + 128, STATE + 128, STATE + 128);
  let x: u64 = 0;
  for (let j: usize = 0; j < 8; j++) x |= (load<u64>(STATE + 8 * j) & ONES) << <u64>j;
  const l = <u32>(x & 0xff) | <u32>((x >> 8) & 0xff00) | <u32>((x >> 16) & 0xff0000) | <u32>((x >> 24) & 0xff000000);
  // L⁻¹ = Σ l <<< k, k from 0, 2, 4, 8, 12, 14, 16, 18, 22, 24, 30.
  const a = l ^ rotl<u32>(l, 2);
  return a ^ rotl<u32>(l, 4) ^ rotl<u32>(l, 8) ^ rotl<u32>(a, 12) ^ rotl<u32>(a, 16) ^ rotl<u32>(a, 22) ^ rotl<u32>(l, 30);
}

/** Each bit of a round key over the sixteen blocks of its lane. */
function keyPlanes(o: usize, key: u32): void {
  const bytes = apart(key);
  for (let j: usize = 0; j < 8; j++) {
    const plane = (bytes >> <u64>j) & ONES;
    store<u64>(o + 8 * j, (plane << 16) - plane);
  }
}

/** Bit j of byte i becomes bit i of byte j. */
function transpose(x: u64): u64 {
  let t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
  return x ^ t ^ (t << 28);
}

/** Sixteen blocks at `blocks`, encrypted in place. */
export function sixteen(blocks: usize): void {
  for (let byte: usize = 0; byte < 16; byte++) {
    // Big-endian words: byte 0 of a word is its highest.
    const lane = STATE + 64 * (byte >> 2) + 2 * (3 - (byte & 3));
    for (let half: usize = 0; half < 2; half++) {
      let x: u64 = 0;
      for (let i: usize = 0; i < 8; i++) x |= <u64>load<u8>(blocks + byte + 16 * (8 * half + i)) << <u64>(8 * i);
      x = transpose(x);
      for (let j: usize = 0; j < 8; j++) store<u8>(lane + half + 8 * j, <u8>(x >> <u64>(8 * j)));
    }
  }
  for (let round: usize = 0; round < 32; round += 4) {
    const key = KEYS + 64 * round;
    sm4Round(STATE, STATE + 64, STATE + 128, STATE + 192, key);
    sm4Round(STATE + 64, STATE + 128, STATE + 192, STATE, key + 64);
    sm4Round(STATE + 128, STATE + 192, STATE, STATE + 64, key + 128);
    sm4Round(STATE + 192, STATE, STATE + 64, STATE + 128, key + 192);
  }
  for (let byte: usize = 0; byte < 16; byte++) {
    // The output is the last four words in reverse.
    const lane = STATE + 64 * (3 - (byte >> 2)) + 2 * (3 - (byte & 3));
    for (let half: usize = 0; half < 2; half++) {
      let x: u64 = 0;
      for (let j: usize = 0; j < 8; j++) x |= <u64>load<u8>(lane + half + 8 * j) << <u64>(8 * j);
      x = transpose(x);
      for (let i: usize = 0; i < 8; i++) store<u8>(blocks + byte + 16 * (8 * half + i), <u8>(x >> <u64>(8 * i)));
    }
  }
}

/** `count` blocks at CHUNK, each by itself; up to 15 blocks beyond are overwritten. */
export function sm4Blocks(count: i32): void {
  for (let i = 0; i < count; i += 16) sixteen(CHUNK + 16 * <usize>i);
}

/** XORs the key stream from the counter block at NONCE into `length` bytes at CHUNK; the counter
 * moves on, in its last four bytes only when `short`. */
export function sm4Ctr(length: i32, short: i32): void {
  addStream(CHUNK, length, short);
}

/** The same at `data`, where up to 255 bytes beyond the text are changed. */
export function addStream(data: usize, length: i32, short: i32): void {
  for (let at = 0; at < length; at += 256) {
    for (let i: usize = 0; i < 16; i++) {
      memory.copy(PAD + 16 * i, NONCE, 16);
      if (<i32>(<usize>at + 16 * i) < length) step(short);
    }
    sixteen(PAD);
    const part = data + <usize>at;
    for (let i: usize = 0; i < 256; i += 8) store<u64>(part + i, load<u64>(part + i) ^ load<u64>(PAD + i));
  }
}

function step(short: i32): void {
  if (short) {
    store<u32>(NONCE, bswap<u32>(bswap<u32>(load<u32>(NONCE, 12)) + 1), 12);
    return;
  }
  const low = bswap<u64>(load<u64>(NONCE, 8)) + 1;
  store<u64>(NONCE, bswap<u64>(low), 8);
  const carry = <u64>(((low | (0 - low)) >> 63) ^ 1);
  store<u64>(NONCE, bswap<u64>(bswap<u64>(load<u64>(NONCE)) + carry));
}

function clmulLow(x: u64, y: u64): u64 {
  // Bits four apart, so that carries fall into holes.
  const x0 = x & 0x1111111111111111, x1 = x & 0x2222222222222222, x2 = x & 0x4444444444444444, x3 = x & 0x8888888888888888;
  const y0 = y & 0x1111111111111111, y1 = y & 0x2222222222222222, y2 = y & 0x4444444444444444, y3 = y & 0x8888888888888888;
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
  return (z0 & 0x1111111111111111) | (z1 & 0x2222222222222222) | (z2 & 0x4444444444444444) | (z3 & 0x8888888888888888);
}

function reverseBits(x: u64): u64 {
  x = ((x & 0x5555555555555555) << 1) | ((x >> 1) & 0x5555555555555555);
  x = ((x & 0x3333333333333333) << 2) | ((x >> 2) & 0x3333333333333333);
  x = ((x & 0x0f0f0f0f0f0f0f0f) << 4) | ((x >> 4) & 0x0f0f0f0f0f0f0f0f);
  return bswap<u64>(x);
}

/** Folds `count` blocks at CHUNK into the GHASH state at TAG; the key H is at SECRET. */
export function ghash(count: i32): void {
  foldBlocks(SECRET, CHUNK, count);
}

/** The same with H at `h` and the blocks at `data`. */
export function foldBlocks(h: usize, data: usize, count: i32): void {
  const h1 = bswap<u64>(load<u64>(h)), h0 = bswap<u64>(load<u64>(h, 8));
  const h0r = reverseBits(h0), h1r = reverseBits(h1);
  const h2 = h0 ^ h1, h2r = h0r ^ h1r;
  let y1 = bswap<u64>(load<u64>(TAG)), y0 = bswap<u64>(load<u64>(TAG, 8));
  for (let i = 0; i < count; i++) {
    const block = data + 16 * <usize>i;
    y1 ^= bswap<u64>(load<u64>(block));
    y0 ^= bswap<u64>(load<u64>(block, 8));
    const y0r = reverseBits(y0), y1r = reverseBits(y1);
    const z0 = clmulLow(y0, h0), z1 = clmulLow(y1, h1);
    const z2 = clmulLow(y0 ^ y1, h2) ^ z0 ^ z1;
    const w0 = clmulLow(y0r, h0r), w1 = clmulLow(y1r, h1r);
    const w2 = clmulLow(y0r ^ y1r, h2r) ^ w0 ^ w1;
    let v0 = z0, v1 = (reverseBits(w0) >> 1) ^ z2, v2 = z1 ^ (reverseBits(w2) >> 1), v3 = reverseBits(w1) >> 1;
    v3 = (v3 << 1) | (v2 >> 63);
    v2 = (v2 << 1) | (v1 >> 63);
    v1 = (v1 << 1) | (v0 >> 63);
    v0 = v0 << 1;
    v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
    v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
    v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
    v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
    y0 = v2;
    y1 = v3;
  }
  store<u64>(TAG, bswap<u64>(y1));
  store<u64>(TAG, bswap<u64>(y0), 8);
}

/** Clears keys and key stream. */
export function sm4Wipe(): void {
  memory.fill(SLICES, 0, 4096);
  memory.fill(PREPARED, 0, 144);
}
