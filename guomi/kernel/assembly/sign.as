// SPDX-License-Identifier: Apache-2.0
// Signing by GB/T 32918.2 §6.1 in constant time: the nonce's point by windows of ±1 digits with a
// full masked scan of each sub-table, s = (1 + d)^−1·(k + r) − r. The table has a window for every
// five digits, so there is no doubling, and a partial sum cannot meet the next entry (docs/guomi.md).
import { addMixed, below } from './point';
import { bytesFromLimbs, canonical, copy, isZero, limbsFromBytes, negateIf, N_WORDS, ONE } from './field';
import { invert, orderInvert } from './inverse';
import { recode, wordsFromBytes } from './scalar';
import { orderAdd, orderIsZero, orderReduce, orderSub } from './order';
import { mul, orderMul, sqr } from './kernel';
import { sm3At } from './digest';
import { DIGEST, FRESH, HMAC, INVERSE, KEY, NONCE, SECRET, SIGNATURE, SIGNING, SIGN_TABLE, STATE, TEMPORARIES } from './layout';

export const DIGITS: usize = TEMPORARIES + 592;
export const CHOSEN: usize = TEMPORARIES + 640; // a selected entry, 72 bytes
export const SIGNED: usize = TEMPORARIES + 720;
const WORDS: usize = TEMPORARIES + 760;
const U0: usize = TEMPORARIES + 800;
const U1: usize = TEMPORARIES + 840;
const U2: usize = TEMPORARIES + 880;
const U3: usize = TEMPORARIES + 920;
export const POINT: usize = TEMPORARIES + 960;
const ITEM: usize = 240; // point 120, k 40, running product 40, status 4

/** CHOSEN = entry `index` of the 16 at `table`; all are read. */
function select(table: usize, index: u32): void {
  let a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0, a4: u64 = 0;
  let a5: u64 = 0, a6: u64 = 0, a7: u64 = 0, a8: u64 = 0;
  for (let j: u32 = 0; j < 16; j++) {
    const m: u64 = 0 - ((<u64>(j ^ index) - 1) >> 63);
    const e = table + 72 * <usize>j;
    a0 |= load<u64>(e) & m; a1 |= load<u64>(e, 8) & m; a2 |= load<u64>(e, 16) & m;
    a3 |= load<u64>(e, 24) & m; a4 |= load<u64>(e, 32) & m; a5 |= load<u64>(e, 40) & m;
    a6 |= load<u64>(e, 48) & m; a7 |= load<u64>(e, 56) & m; a8 |= load<u64>(e, 64) & m;
  }
  store<u64>(CHOSEN, a0); store<u64>(CHOSEN, a1, 8); store<u64>(CHOSEN, a2, 16);
  store<u64>(CHOSEN, a3, 24); store<u64>(CHOSEN, a4, 32); store<u64>(CHOSEN, a5, 40);
  store<u64>(CHOSEN, a6, 48); store<u64>(CHOSEN, a7, 56); store<u64>(CHOSEN, a8, 64);
}

/** SIGNED = the y of the entry that window `i` of DIGITS names; its x is at CHOSEN. */
export function choose(table: usize, i: i32): void {
  const at = 5 * i;
  const word = DIGITS + <usize>((at >> 6) << 3);
  let digit = load<u64>(word) >> <u64>(at & 63);
  if ((at & 63) > 59) digit |= load<u64>(word, 8) << <u64>(64 - (at & 63));
  const negative = ((<u32>digit >> 4) & 1) - 1; // all ones for a digit below zero
  select(table, (<u32>digit ^ negative) & 15);
  negateIf(SIGNED, CHOSEN + 36, negative);
}

/** P = k·G for the words of k in [1, n−1]. */
function multiplyBase(P: usize, k: usize): void {
  recode(DIGITS, k, 260);
  for (let i = 0; i < 52; i++) {
    choose(SIGN_TABLE + 1152 * <usize>i, i);
    if (i == 0) {
      copy(P, CHOSEN);
      copy(P + 40, SIGNED);
      copy(P + 80, ONE);
    } else {
      addMixed(P, CHOSEN, SIGNED);
    }
  }
}

/** The affine bytes of P into `out`; the status is 0 when P is no point. */
export function affine(out: usize, P: usize): u32 {
  invert(U0, P + 80);
  sqr(U1, U0);
  mul(U2, P, U1);
  canonical(U3, U2);
  bytesFromLimbs(out, U3);
  mul(U1, U1, U0);
  mul(U2, P + 40, U1);
  canonical(U3, U2);
  bytesFromLimbs(out + 32, U3);
  return isZero(P + 80) ^ 1;
}

/** KEY = the public key of SECRET. */
export function derive(): u32 {
  wordsFromBytes(WORDS, SECRET);
  multiplyBase(POINT, WORDS);
  return affine(KEY, POINT);
}

/** INVERSE = (1 + d)^−1 for SECRET. */
export function prepareSigner(): void {
  limbsFromBytes(U0, SECRET);
  store<i32>(U0, load<i32>(U0) + 1);
  orderInvert(INVERSE, U0);
}

/** NONCE = HMAC-SM3(SECRET, DIGEST ‖ FRESH), the latter being 32 random bytes, mode and counter. */
export function makeNonce(): void {
  for (let i: usize = 0; i < 64; i += 8) {
    const word: u64 = i < 32 ? load<u64>(SECRET + (i & 31)) : 0;
    store<u64>(HMAC + i, word ^ 0x3636363636363636);
  }
  memory.copy(HMAC + 64, DIGEST, 32);
  memory.copy(HMAC + 96, FRESH, 34);
  sm3At(NONCE, HMAC, 130);
  for (let i: usize = 0; i < 64; i += 8) {
    const word: u64 = i < 32 ? load<u64>(SECRET + (i & 31)) : 0;
    store<u64>(HMAC + i, word ^ 0x5c5c5c5c5c5c5c5c);
  }
  memory.copy(HMAC + 64, NONCE, 32);
  sm3At(NONCE, HMAC, 96);
}

/** Item i: k·G for the k at NONCE; a k out of range is marked, and the work is the same. */
export function signPoint(i: i32): void {
  const item = SIGNING + ITEM * <usize>i;
  limbsFromBytes(item + 120, NONCE);
  wordsFromBytes(WORDS, NONCE);
  const zero = orderIsZero(item + 120);
  const fits = below(NONCE, N_WORDS) & (zero ^ 1);
  store<u32>(item, fits, 200);
  orderReduce(item + 120);
  bytesFromLimbs(NONCE, item + 120);
  wordsFromBytes(WORDS, NONCE);
  multiplyBase(item, WORDS);
}

/** Turns items 0 to count − 1 affine with one inversion: x stays in each item's first element. */
export function signInvert(count: i32): void {
  copy(SIGNING + 160, SIGNING + 80);
  for (let i = 1; i < count; i++) {
    const item = SIGNING + ITEM * <usize>i;
    mul(item + 160, item - ITEM + 160, item + 80);
  }
  const lastItem = SIGNING + ITEM * <usize>(count - 1);
  const sound = isZero(lastItem + 160) ^ 1;
  invert(U0, lastItem + 160);
  for (let i = count - 1; i >= 0; i--) {
    const item = SIGNING + ITEM * <usize>i;
    if (i > 0) mul(U1, U0, item - ITEM + 160);
    else copy(U1, U0);
    mul(U0, U0, item + 80);
    sqr(U1, U1);
    mul(item, item, U1);
    store<u32>(item, load<u32>(item, 200) & sound, 200);
  }
}

/** SIGNATURE = r ‖ s of item i over DIGEST; 0 asks for another nonce. */
export function signFinish(i: i32): u32 {
  const item = SIGNING + ITEM * <usize>i;
  canonical(U0, item);
  limbsFromBytes(U1, DIGEST);
  orderReduce(U0);
  orderReduce(U1);
  orderAdd(U0, U0, U1); // r
  orderAdd(U2, item + 120, U0); // k + r
  orderMul(U3, INVERSE, U2);
  orderSub(U3, U3, U0);
  bytesFromLimbs(SIGNATURE, U0);
  bytesFromLimbs(SIGNATURE + 32, U3);
  const bad = orderIsZero(U0) | orderIsZero(U2) | orderIsZero(U3);
  return load<u32>(item, 200) & (bad ^ 1);
}

/** Clears everything that a secret has touched. */
export function wipe(count: i32): void {
  memory.fill(SECRET, 0, HMAC + 256 - SECRET);
  memory.fill(STATE, 0, 128);
  memory.fill(TEMPORARIES, 0, 1600);
  memory.fill(SIGNING, 0, ITEM * <usize>count);
}
