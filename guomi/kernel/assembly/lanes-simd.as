// SPDX-License-Identifier: Apache-2.0
// Two signatures a vector element: limb i of lane l at 8·i + 4·l, elements 80 bytes apart.
export { mul, mulDiff, mulDiffSub, mulNegSub, rawDiff, sqr, sqrDiffSubMul, sqrSubSub, sum2 } from './kernel2';
import { mul } from './kernel';
import { copy, isZero, ONE } from './field';
import { invert } from './inverse';
import { TEMPORARIES } from './layout';

export const LANES: i32 = 2;
export const STRIDE: usize = 80;
const L0: usize = TEMPORARIES + 1080;
const L1: usize = TEMPORARIES + 1120;
const L2: usize = TEMPORARIES + 1160;

// @ts-ignore: decorator
@inline function zip(o: usize, a: usize, b: usize, m: v128, n: v128): void {
  const a0 = signed(v128.load(a), m), b0 = signed(v128.load(b), n);
  const a1 = signed(v128.load(a, 16), m), b1 = signed(v128.load(b, 16), n);
  const a2 = signed(v128.load32_zero(a, 32), m), b2 = signed(v128.load32_zero(b, 32), n);
  v128.store(o, i32x4.shuffle(a0, b0, 0, 4, 1, 5));
  v128.store(o, i32x4.shuffle(a0, b0, 2, 6, 3, 7), 16);
  v128.store(o, i32x4.shuffle(a1, b1, 0, 4, 1, 5), 32);
  v128.store(o, i32x4.shuffle(a1, b1, 2, 6, 3, 7), 48);
  v128.store(o, i32x4.shuffle(a2, b2, 0, 4, 1, 5), 64);
}

// @ts-ignore: decorator
@inline function signed(a: v128, mask: v128): v128 {
  return i32x4.sub(v128.xor(a, mask), mask);
}

/** The points of two table entries into x at `o` and y at `o` + STRIDE. */
export function gather(o: usize, entry0: usize, mask0: u32, entry1: usize, mask1: u32): void {
  const none = i32x4.splat(0);
  zip(o, entry0, entry1, none, none);
  zip(o + STRIDE, entry0 + 36, entry1 + 36, i32x4.splat(mask0), i32x4.splat(mask1));
}

export function vcopy(o: usize, a: usize): void {
  memory.copy(o, a, 80);
}

/** A cheap sign that some lane may be 0 mod p: its low limb is −1, 0 or 1. */
// @ts-ignore: decorator
@inline export function suspect(a: usize): bool {
  return (((load<u32>(a) + 1) & 0x1fffffff) <= 2) || (((load<u32>(a, 4) + 1) & 0x1fffffff) <= 2);
}

export function laneIsZero(a: usize, lane: i32): bool {
  extract(L0, a, lane);
  return isZero(L0) != 0;
}

export function setLaneOne(a: usize, lane: i32): void {
  insert(a, ONE, lane);
}

export function extract(o: usize, a: usize, lane: i32): void {
  for (let i: usize = 0; i < 9; i++) store<u32>(o + 4 * i, load<u32>(a + 8 * i + 4 * <usize>lane));
}

function insert(o: usize, a: usize, lane: i32): void {
  for (let i: usize = 0; i < 9; i++) store<u32>(o + 8 * i + 4 * <usize>lane, load<u32>(a + 4 * i));
}

/** Both lanes with one inversion. */
export function vinvert(o: usize, a: usize): void {
  extract(L0, a, 0);
  extract(L1, a, 1);
  mul(L2, L0, L1);
  invert(L2, L2);
  mul(L1, L1, L2);
  mul(L0, L0, L2);
  insert(o, L1, 0);
  insert(o, L0, 1);
}
