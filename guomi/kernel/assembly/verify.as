// SPDX-License-Identifier: Apache-2.0
// Verification of GB/T 32918.2 §7.1 on public data: sG + tQ, compared by its x coordinate without
// an inversion. Answers: 0 no, 1 yes, 2 exceptional (the caller takes the complete path).
import { addEntry, double, equal, normalise, readPoint, rightSide, setEntry, addMixed } from './point';
import { bytesFromLimbs, canonical, fromBytes, isZero, N_WORDS, P_WORDS, squareRoot } from './field';
import { addOrder, addWords, bits, bytesFromWords, isZeroWords, lessWords, recode, spreadDigits, subOrder, wordsFromBytes } from './scalar';
import { admit, find, findCompressed } from './cache';
import { messageDigest, userDigest } from './digest';
import { mulSub, sqr } from './kernel';
import { BASE_TABLE, BASE_TABLES, BASE_TEETH, COLUMNS, DIGEST, HMAC, KEY, KEY_TABLES, KEY_TEETH, SIGNATURE, TEMPORARIES, WORK } from './layout';

export const R_WORDS: usize = TEMPORARIES + 400;
export const S_WORDS: usize = TEMPORARIES + 432;
export const T_WORDS: usize = TEMPORARIES + 464;
export const E_WORDS: usize = TEMPORARIES + 496;
export const V_WORDS: usize = TEMPORARIES + 528; // r − e mod n
const V_BYTES: usize = TEMPORARIES + 560;
const DIGITS: usize = TEMPORARIES + 592;
const OWN_LOW: usize = HMAC; // index bytes, 64 for each comb: the area is free while nothing signs
const BASE_LOW: usize = HMAC + 64;
const BASE_HIGH: usize = HMAC + 128;
const ACC: usize = TEMPORARIES + 680;
const U0: usize = TEMPORARIES + 800;
const U1: usize = TEMPORARIES + 840;
const OWN: usize = TEMPORARIES + 880; // the key as an entry
const ZA: usize = TEMPORARIES + 960;
const WINDOW: i32 = 5;
const WINDOWS: i32 = 52;

/** Completes the y of KEY from x and parity; 0 when x is on no point. */
export function decompress(parity: u32): u32 {
  if (findCompressed(parity)) return 1;
  if (!below32(KEY)) return 0;
  fromBytes(OWN, KEY);
  rightSide(U0, OWN);
  squareRoot(U1, U0);
  sqr(OWN, U1);
  if (!equal(OWN, U0)) return 0;
  canonical(U0, U1);
  bytesFromLimbs(KEY + 32, U0);
  if ((<u32>load<u8>(KEY, 63) & 1) != parity) {
    wordsFromBytes(U0, KEY + 32);
    for (let borrow: u64 = 0, i: usize = 0; i < 32; i += 8) { // y = p − y
      const a = load<u64>(P_WORDS + i), b = load<u64>(U0 + i);
      const d = a - b - borrow;
      borrow = <u64>(a < b) | <u64>(a == b && borrow != 0);
      store<u64>(U0 + i, d);
    }
    bytesFromWords(KEY + 32, U0);
  }
  return 1;
}

function below32(bytes: usize): bool {
  wordsFromBytes(U0, bytes);
  return lessWords(U0, P_WORDS);
}

/** 1 when KEY holds a point of the curve. */
export function checkKey(): u32 {
  return readPoint(OWN, KEY);
}

/** Reads the scalars of SIGNATURE: r, s in [1, n−1], t = r + s ≠ 0. */
export function readSignature(): bool {
  wordsFromBytes(R_WORDS, SIGNATURE);
  wordsFromBytes(S_WORDS, SIGNATURE + 32);
  if (isZeroWords(R_WORDS) || isZeroWords(S_WORDS)) return false;
  if (!lessWords(R_WORDS, N_WORDS) || !lessWords(S_WORDS, N_WORDS)) return false;
  addOrder(T_WORDS, R_WORDS, S_WORDS);
  return !isZeroWords(T_WORDS);
}

/**
 * Finds the key's table and makes the digest (from `length` bytes at CHUNK; −1: it is there
 * already). Returns the slot, 0 for a valid key without one, −1 for no key.
 */
export function prepare(length: i32): i32 {
  let slot = find();
  if (slot == 0) {
    if (!readPoint(OWN, KEY)) return -1;
    slot = admit(OWN);
  }
  if (length >= 0) {
    if (slot == 0) userDigest(ZA);
    messageDigest(slot == 0 ? ZA : slot + 64, <u32>length);
  }
  wordsFromBytes(E_WORDS, DIGEST);
  subOrder(V_WORDS, R_WORDS, E_WORDS);
  return <i32>slot;
}

/** Verifies SIGNATURE under KEY over the message at CHUNK (or DIGEST, when length is −1). */
export function verify(length: i32): i32 {
  if (!readSignature()) return 0;
  const slot = prepare(length);
  if (slot < 0) return 0;
  return slot > 0 ? verifyKnown(<usize>slot) : verifyUnknown();
}

/** Adds the entries of one column: `low` has a byte of index a position, `high` the teeth from 8 on. */
function addColumn(P: usize, table: usize, low: usize, high: usize, teeth: i32, tables: i32, column: i32, first: bool): void {
  const half = 1 << (teeth - 1);
  for (let j = 0; j < tables; j++) {
    const at = <usize>(j * COLUMNS + column);
    let index = <i32>load<u8>(low + at);
    if (teeth > 8) index |= <i32>load<u8>(high + at) << 8;
    const mask: u32 = index & half ? 0 : 0xffffffff; // a negative top digit turns all signs
    index = (index ^ <i32>mask) & (half - 1);
    const entry = table + 72 * <usize>(half * j + index);
    if (first && j == 0) setEntry(P, entry, mask);
    else addEntry(P, entry, mask);
  }
}

function addBaseColumn(column: i32): void {
  addColumn(ACC, BASE_TABLE, BASE_LOW, BASE_HIGH, BASE_TEETH, BASE_TABLES, column, false);
}

/** The comb indices of s for G. */
function spreadBase(): void {
  recode(DIGITS, S_WORDS, BASE_TEETH * BASE_TABLES * COLUMNS);
  spreadDigits(BASE_LOW, DIGITS, BASE_TABLES * COLUMNS, 0, min(8, BASE_TEETH));
  spreadDigits(BASE_HIGH, DIGITS, BASE_TABLES * COLUMNS, 8, BASE_TEETH);
}

function verifyKnown(slot: usize): i32 {
  spreadBase();
  recode(DIGITS, T_WORDS, KEY_TEETH * KEY_TABLES * COLUMNS);
  spreadDigits(OWN_LOW, DIGITS, KEY_TABLES * COLUMNS, 0, KEY_TEETH);
  for (let column = COLUMNS - 1; column >= 0; column--) {
    const first = column == COLUMNS - 1;
    if (!first) double(ACC);
    addColumn(ACC, slot + 96, OWN_LOW, OWN_LOW, KEY_TEETH, KEY_TABLES, column, first);
    addBaseColumn(column);
  }
  return compareX();
}

/** Without a table: windows of five digits over odd multiples of Q, G's comb in the last columns. */
export function verifyUnknown(): i32 {
  const points = WORK, odd = WORK + 120 * 16;
  setEntry(ACC, OWN, 0);
  double(ACC);
  memory.copy(points, ACC, 120);
  normalise(odd, points, 1); // 2Q
  setEntry(points, OWN, 0);
  for (let j: usize = 1; j < 16; j++) {
    memory.copy(points + 120 * j, points + 120 * (j - 1), 120);
    addMixed(points + 120 * j, odd, odd + 36);
  }
  if (isZero(points + 120 * 15 + 80)) return 2;
  normalise(odd, points, 16);
  spreadBase();
  recode(DIGITS, T_WORDS, WINDOW * WINDOWS);
  for (let at = WINDOW * (WINDOWS - 1); at >= 0; at--) {
    const first = at == WINDOW * (WINDOWS - 1);
    if (!first) double(ACC);
    if (at % WINDOW == 0) {
      const digit = bits(DIGITS, at, WINDOW);
      const mask: u32 = digit & 16 ? 0 : 0xffffffff;
      const entry = odd + 72 * <usize>((digit ^ mask) & 15);
      if (first) setEntry(ACC, entry, mask);
      else addEntry(ACC, entry, mask);
    }
    if (at < COLUMNS) addBaseColumn(at);
  }
  return compareX();
}

/** Is X = v·Z² for v = r − e, or for v + n where that is below p? */
function compareX(): i32 {
  if (isZero(ACC + 80)) return 2;
  sqr(U0, ACC + 80);
  if (matches()) return 1;
  if (addWords(V_WORDS, V_WORDS, N_WORDS) || !lessWords(V_WORDS, P_WORDS)) return 0;
  return matches() ? 1 : 0;
}

function matches(): bool {
  bytesFromWords(V_BYTES, V_WORDS);
  fromBytes(U1, V_BYTES);
  mulSub(U1, U1, U0, ACC);
  return isZero(U1) != 0;
}
