// SPDX-License-Identifier: Apache-2.0
// One signature a vector element: the batch's lane interface on the scalar kernels.
export { mul, mulDiff, mulDiffSub, mulNegSub, rawDiff, sqr, sqrDiffSubMul, sqrSubSub, sum2 } from './kernel';
import { copy, isZero, negateIf, ONE } from './field';
import { invert } from './inverse';

export const LANES: i32 = 1;
export const STRIDE: usize = 40;

/** The point of table entries (one a lane) into x at `o` and y at `o` + STRIDE. */
export function gather(o: usize, entry0: usize, mask0: u32, entry1: usize, mask1: u32): void {
  copy(o, entry0);
  negateIf(o + STRIDE, entry0 + 36, mask0);
}

export function vcopy(o: usize, a: usize): void {
  copy(o, a);
}

/** A cheap sign that some lane may be 0 mod p: its low limb is −1, 0 or 1. */
// @ts-ignore: decorator
@inline export function suspect(a: usize): bool {
  return ((load<u32>(a) + 1) & 0x1fffffff) <= 2;
}

export function laneIsZero(a: usize, lane: i32): bool {
  return isZero(a) != 0;
}

export function setLaneOne(a: usize, lane: i32): void {
  copy(a, ONE);
}

export function vinvert(o: usize, a: usize): void {
  invert(o, a);
}

export function extract(o: usize, a: usize, lane: i32): void {
  copy(o, a);
}
