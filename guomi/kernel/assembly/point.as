// SPDX-License-Identifier: Apache-2.0
// Points: Jacobian {X, Y, Z} 40 bytes apart, affine table entries {x, y} 36 bytes apart. An
// exceptional addition (equal or opposite points) leaves Z = 0, and Z stays 0 from there on.
import { crossY, doubleY, mul, mul2, mulSub, mulSumDiff, sqr, sqr2, sqrSub2, sqrSubSub2, triple } from './kernel';
import { B, copy, fromBytes, isZero, negateIf, ONE, P_WORDS } from './field';
import { invert } from './inverse';
import { TEMPORARIES } from './layout';

const T0: usize = TEMPORARIES;
const T1: usize = TEMPORARIES + 40;
const T2: usize = TEMPORARIES + 80;
const T3: usize = TEMPORARIES + 120;
const T4: usize = TEMPORARIES + 160;
const T5: usize = TEMPORARIES + 200;
const T6: usize = TEMPORARIES + 240;
const ENTRY: usize = TEMPORARIES + 280; // a table entry with its sign applied

/** P = 2P. */
export function double(P: usize): void {
  sqr(T0, P + 80);
  sqr2(T1, P + 40);
  mul2(T2, P, T1);
  mulSumDiff(T3, P, T0);
  triple(T3, T3);
  mul2(P + 80, P + 40, P + 80);
  sqrSub2(P, T3, T2);
  doubleY(P + 40, T3, T2, P, T1);
}

/** P = P + (x, y). */
export function addMixed(P: usize, x: usize, y: usize): void {
  sqr(T0, P + 80);
  mulSub(T1, x, T0, P);
  mul(T2, P + 80, T0);
  mulSub(T3, y, T2, P + 40);
  mul(P + 80, P + 80, T1);
  sqr(T4, T1);
  mul(T5, T1, T4);
  mul(T6, P, T4);
  sqrSubSub2(P, T3, T5, T6);
  crossY(P + 40, T3, T6, P, P + 40, T5);
}

/** P = P ± entry; `mask` all ones negates. */
export function addEntry(P: usize, entry: usize, mask: u32): void {
  negateIf(ENTRY, entry + 36, mask);
  addMixed(P, entry, ENTRY);
}

/** P = ±entry. */
export function setEntry(P: usize, entry: usize, mask: u32): void {
  copy(P, entry);
  negateIf(P + 40, entry + 36, mask);
  copy(P + 80, ONE);
}

/** Turns `count` Jacobian points, 120 bytes apart, into entries 72 bytes apart; no Z may be 0. */
export function normalise(entries: usize, points: usize, count: i32): void {
  // Running products of the Zs wait in the entries' own space.
  copy(entries, points + 80);
  for (let i = 1; i < count; i++) {
    mul(entries + 72 * <usize>i, entries + 72 * <usize>(i - 1), points + 120 * <usize>i + 80);
  }
  invert(T0, entries + 72 * <usize>(count - 1));
  for (let i = count - 1; i >= 0; i--) {
    const point = points + 120 * <usize>i;
    const entry = entries + 72 * <usize>i;
    if (i > 0) {
      mul(T1, T0, entry - 72);
      mul(T0, T0, point + 80);
    } else {
      copy(T1, T0);
    }
    sqr(T2, T1);
    mul(entry, point, T2);
    mul(T2, T2, T1);
    mul(entry + 36, point + 40, T2);
  }
}

/** 1 when the 32-byte number is below the four words of `bound`. */
export function below(bytes: usize, bound: usize): u32 {
  let borrow: u64 = 0;
  for (let i = 0; i < 4; i++) {
    const a = bswap<u64>(load<u64>(bytes + <usize>(24 - 8 * i)));
    const b = load<u64>(bound + <usize>(8 * i));
    const d = a - b;
    borrow = <u64>(a < b) | (<u64>(d < borrow) & 1);
  }
  return <u32>borrow;
}

/** Reads x‖y into an affine entry; 0 when it is not on the curve. Public data only. */
export function readPoint(entry: usize, bytes: usize): u32 {
  if (!below(bytes, P_WORDS) || !below(bytes + 32, P_WORDS)) return 0;
  fromBytes(entry, bytes);
  fromBytes(T4, bytes + 32);
  copy(entry + 36, T4);
  rightSide(T0, entry);
  sqr(T1, T4);
  return equal(T1, T0);
}

/** o = x³ − 3x + b. */
export function rightSide(o: usize, x: usize): void {
  sqr(T2, x);
  mul(T3, T2, x);
  triple(T2, x);
  for (let i: usize = 0; i < 36; i += 4) {
    store<i32>(o + i, load<i32>(T3 + i) - load<i32>(T2 + i) + load<i32>(B + i));
  }
  mul(o, o, ONE);
}

export function equal(a: usize, b: usize): u32 {
  for (let i: usize = 0; i < 36; i += 4) store<i32>(T5 + i, load<i32>(a + i) - load<i32>(b + i));
  return isZero(T5);
}
