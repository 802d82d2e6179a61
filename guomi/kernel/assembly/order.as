// SPDX-License-Identifier: Apache-2.0
// Secret scalars modulo n in nine 29-bit limbs: no branch and no address depends on them.
import { N_R2, N_RAW, ONE_N } from './field';
import { orderMul } from './kernel';
import { TEMPORARIES } from './layout';

const POWERS: usize = TEMPORARIES + 1360; // 16 elements would not fit: four are kept
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

function move(o: usize, a: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<u32>(o + i, load<u32>(a + i));
}

function exponent(i: i32): u64 { // n − 2
  if (i == 0) return 0x53bbf40939d54121;
  if (i == 1) return 0x7203df6b21c6052b;
  return i == 2 ? 0xffffffffffffffff : 0xfffffffeffffffff;
}

/** o = a^(n−2)·R: the inverse in Montgomery form of a number that is not. */
export function orderInvert(o: usize, a: usize): void {
  orderMul(POWERS + 40, a, N_R2);
  move(POWERS, ONE_N);
  orderMul(POWERS + 80, POWERS + 40, POWERS + 40);
  orderMul(POWERS + 120, POWERS + 80, POWERS + 40);
  move(o, ONE_N);
  for (let at = 254; at >= 0; at -= 2) {
    orderMul(o, o, o);
    orderMul(o, o, o);
    const digit = <usize>((exponent(at >> 6) >> <u64>(at & 63)) & 3);
    if (digit) orderMul(o, o, POWERS + 40 * digit);
  }
}
