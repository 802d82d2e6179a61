// SPDX-License-Identifier: Apache-2.0
// Field elements beyond the generated kernels: bytes, canonical form, inversion, square root.
// Elements are nine 29-bit limbs in Montgomery form (R = 2^261), 36 bytes, 40 apart.
import { mul, sqr } from './kernel';
import { CONSTANTS, TEMPORARIES } from './layout';

export const ONE_RAW: usize = CONSTANTS;       // the number 1, not in Montgomery form
export const ONE: usize = CONSTANTS + 40;      // R mod p
export const R2: usize = CONSTANTS + 80;       // R^2 mod p
export const B: usize = CONSTANTS + 120;       // the curve's b
export const P_RAW: usize = CONSTANTS + 160;   // p itself
export const N_RAW: usize = CONSTANTS + 200;   // the order n
export const N_R2: usize = CONSTANTS + 240;    // R^2 mod n
export const GX: usize = CONSTANTS + 280;
export const GY: usize = CONSTANTS + 320;
export const N_WORDS: usize = CONSTANTS + 360; // n as four 64-bit words, low first
export const P_WORDS: usize = CONSTANTS + 392;

const MASK: u64 = 0x1fffffff;
const F0: usize = TEMPORARIES + 1200;
const F1: usize = TEMPORARIES + 1240;
const F2: usize = TEMPORARIES + 1280;
const F3: usize = TEMPORARIES + 1320;

/** Nine limbs of a 32-byte big-endian number. */
export function limbsFromBytes(o: usize, bytes: usize): void {
  const w0 = bswap<u64>(load<u64>(bytes, 24));
  const w1 = bswap<u64>(load<u64>(bytes, 16));
  const w2 = bswap<u64>(load<u64>(bytes, 8));
  const w3 = bswap<u64>(load<u64>(bytes));
  store<u32>(o, <u32>(w0 & MASK));
  store<u32>(o, <u32>((w0 >> 29) & MASK), 4);
  store<u32>(o, <u32>(((w0 >> 58) | (w1 << 6)) & MASK), 8);
  store<u32>(o, <u32>((w1 >> 23) & MASK), 12);
  store<u32>(o, <u32>(((w1 >> 52) | (w2 << 12)) & MASK), 16);
  store<u32>(o, <u32>((w2 >> 17) & MASK), 20);
  store<u32>(o, <u32>(((w2 >> 46) | (w3 << 18)) & MASK), 24);
  store<u32>(o, <u32>((w3 >> 11) & MASK), 28);
  store<u32>(o, <u32>(w3 >> 40), 32);
}

/** 32 big-endian bytes of nine canonical limbs. */
export function bytesFromLimbs(bytes: usize, a: usize): void {
  const l0 = load<u32>(a) as u64, l1 = load<u32>(a, 4) as u64, l2 = load<u32>(a, 8) as u64;
  const l3 = load<u32>(a, 12) as u64, l4 = load<u32>(a, 16) as u64, l5 = load<u32>(a, 20) as u64;
  const l6 = load<u32>(a, 24) as u64, l7 = load<u32>(a, 28) as u64, l8 = load<u32>(a, 32) as u64;
  store<u64>(bytes, bswap<u64>(l0 | (l1 << 29) | (l2 << 58)), 24);
  store<u64>(bytes, bswap<u64>((l2 >> 6) | (l3 << 23) | (l4 << 52)), 16);
  store<u64>(bytes, bswap<u64>((l4 >> 12) | (l5 << 17) | (l6 << 46)), 8);
  store<u64>(bytes, bswap<u64>((l6 >> 18) | (l7 << 11) | (l8 << 40)));
}

/** Montgomery form of a 32-byte number. */
export function fromBytes(o: usize, bytes: usize): void {
  limbsFromBytes(o, bytes);
  mul(o, o, R2);
}

/** The canonical number in [0, p), out of Montgomery form; no branch. */
export function canonical(o: usize, a: usize): void {
  mul(o, a, ONE_RAW); // in [0, p]
  let difference: u32 = 0;
  for (let i: usize = 0; i < 36; i += 4) difference |= load<u32>(o + i) ^ load<u32>(P_RAW + i);
  const keep = <u32>(-<i32>((difference | (0 - difference)) >> 31)); // zero only when o = p
  for (let i: usize = 0; i < 36; i += 4) store<u32>(o + i, load<u32>(o + i) & keep);
}

/** 1 when a ≡ 0 mod p, without a branch. */
export function isZero(a: usize): u32 {
  canonical(F0, a);
  let any: u32 = 0;
  for (let i: usize = 0; i < 36; i += 4) any |= load<u32>(F0 + i);
  return ((any | (0 - any)) >> 31) ^ 1;
}

export function copy(o: usize, a: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<u32>(o + i, load<u32>(a + i));
}

/** o = a or −a, limb by limb, by a mask of all zeros or all ones. */
export function negateIf(o: usize, a: usize, mask: u32): void {
  for (let i: usize = 0; i < 36; i += 4) store<u32>(o + i, (load<u32>(a + i) ^ mask) - mask);
}

function sqrTimes(a: usize, count: i32): void {
  for (let i = 0; i < count; i++) sqr(a, a);
}

/** F1 = a^(2^30−1), F2 = a^(2^32−1), F3 = a^(2^31−1). */
function runs(a: usize): void {
  sqr(F1, a); mul(F1, F1, a);                             // 2
  copy(F2, F1); sqrTimes(F2, 2); mul(F2, F2, F1);         // 4
  copy(F3, F2); sqrTimes(F3, 4); mul(F3, F3, F2);         // 8
  sqrTimes(F3, 2); mul(F3, F3, F1);                       // 10
  copy(F1, F3); sqrTimes(F1, 10); mul(F1, F1, F3);        // 20
  sqrTimes(F1, 10); mul(F1, F1, F3);                      // 30
  sqr(F3, F1); mul(F3, F3, a);                            // 31
  sqr(F2, F3); mul(F2, F2, a);                            // 32
}

/** o = a^((p+1)/4), the square root when there is one. */
export function squareRoot(o: usize, a: usize): void {
  runs(a);
  sqrTimes(F3, 33); mul(F3, F3, F2);
  for (let i = 0; i < 3; i++) { sqrTimes(F3, 32); mul(F3, F3, F2); }
  sqrTimes(F3, 32); mul(F3, F3, a);
  sqrTimes(F3, 62);
  copy(o, F3);
}
