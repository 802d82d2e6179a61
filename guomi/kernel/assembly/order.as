// SPDX-License-Identifier: Apache-2.0
// Secret scalars modulo n in nine 29-bit limbs: no branch and no address depends on them.
import { N_RAW } from './field';

const MASK: i64 = 0x1fffffff;

/** Carries, so that limbs 0 to 7 are in [0, 2^29). */
export function orderCarry(a: usize): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    const v = <i64>load<i32>(a + i) + carry;
    store<i32>(a + i, <i32>(v & MASK));
    carry = v >> 29;
  }
  store<i32>(a, load<i32>(a, 32) + <i32>carry, 32);
}

/** a −= n when a ≥ n, for a carried non-negative a. */
export function orderReduce(a: usize): void {
  let borrow: i64 = 0;
  for (let i: usize = 0; i < 36; i += 4) {
    borrow = (<i64>load<i32>(a + i) - <i64>load<i32>(N_RAW + i) + borrow) >> 29;
  }
  const take = ~<i32>(borrow >> 63); // all ones when a ≥ n
  for (let i: usize = 0; i < 36; i += 4) {
    store<i32>(a + i, load<i32>(a + i) - (load<i32>(N_RAW + i) & take));
  }
  orderCarry(a);
}

/** o = a + b mod n, for canonical a and b. */
export function orderAdd(o: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<i32>(o + i, load<i32>(a + i) + load<i32>(b + i));
  orderCarry(o);
  orderReduce(o);
}

/** o = a − b mod n, for a below 2n and canonical b. */
export function orderSub(o: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 36; i += 4) {
    store<i32>(o + i, load<i32>(a + i) - load<i32>(b + i) + load<i32>(N_RAW + i));
  }
  orderCarry(o);
  orderReduce(o);
  orderReduce(o);
}

/** 1 when all limbs are zero. */
export function orderIsZero(a: usize): u32 {
  let any: u32 = 0;
  for (let i: usize = 0; i < 36; i += 4) any |= load<u32>(a + i);
  return ((any | (0 - any)) >> 31) ^ 1;
}
