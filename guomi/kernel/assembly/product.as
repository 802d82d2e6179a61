// SPDX-License-Identifier: Apache-2.0
// A secret times a point that somebody sent (GB/T 32918.4 §6, §7), in constant time and blinded: a random
// multiple of n is added to the secret and the first point gets a random Z, so that no two calls
// compute with the same digits or coordinates, whatever the processor's time may say of them.
import { addMixed, double, normalise, setEntry } from './point';
import { copy, fromBytes, limbsFromBytes, N_WORDS } from './field';
import { mul, sqr } from './kernel';
import { affine, choose, CHOSEN, DIGITS, POINT, SIGNED } from './sign';
import { wordsFromBytes } from './scalar';
import { FRESH, KEY, SECRET, TEMPORARIES, WORK } from './layout';

const WINDOWS: i32 = 65; // of five ±1 digits: 325, for secrets below 2^320
const U0: usize = TEMPORARIES + 800;
const U1: usize = TEMPORARIES + 840;
const FACTOR: usize = TEMPORARIES + 880; // the random Z
const BLINDED: usize = TEMPORARIES + 1080; // six words

/**
 * KEY = SECRET·KEY for a point of the curve at KEY, blinded by the 40 random bytes at FRESH; 0 where
 * an addition met an exceptional case.
 */
export function multiplyKey(): u32 {
  const points = WORK, odd = WORK + 120 * 16;
  oddMultiples(points, odd);
  blind();
  recodeBlinded();
  limbsFromBytes(FACTOR, FRESH + 8);
  for (let i = WINDOWS - 1; i >= 0; i--) {
    if (i < WINDOWS - 1) for (let n = 0; n < 5; n++) double(POINT);
    choose(odd, i);
    if (i == WINDOWS - 1) {
      copy(POINT + 80, FACTOR);
      sqr(U0, FACTOR);
      mul(POINT, CHOSEN, U0);
      mul(U0, U0, FACTOR);
      mul(POINT + 40, SIGNED, U0);
    } else {
      addMixed(POINT, CHOSEN, SIGNED);
    }
  }
  return affine(KEY, POINT);
}

/** The entries P, 3P, …, 31P of the point at KEY. */
function oddMultiples(points: usize, odd: usize): void {
  fromBytes(U0, KEY);
  fromBytes(U1, KEY + 32);
  copy(odd, U0);
  copy(odd + 36, U1);
  setEntry(points, odd, 0);
  double(points);
  normalise(odd + 72, points, 1); // 2P
  setEntry(points, odd, 0);
  for (let j: usize = 1; j < 16; j++) {
    memory.copy(points + 120 * j, points + 120 * (j - 1), 120);
    addMixed(points + 120 * j, odd + 72, odd + 108);
  }
  normalise(odd, points, 16);
}

/** BLINDED = SECRET + r·n for the eight bytes r at FRESH: the same point, below 2^320. */
function blind(): void {
  wordsFromBytes(BLINDED, SECRET);
  store<u64>(BLINDED, 0, 32);
  store<u64>(BLINDED, 0, 40);
  for (let half: usize = 0; half < 8; half += 4) {
    const r = <u64>load<u32>(FRESH + half);
    let carry: u64 = 0;
    for (let i: usize = 0; i < 32; i += 4) {
      const at = BLINDED + half + i;
      const sum = r * <u64>load<u32>(N_WORDS + i) + <u64>load<u32>(at) + carry;
      store<u32>(at, <u32>sum);
      carry = sum >> 32;
    }
    for (let at = BLINDED + half + 32; at < BLINDED + 44; at += 4) {
      const sum = <u64>load<u32>(at) + carry;
      store<u32>(at, <u32>sum);
      carry = sum >> 32;
    }
  }
}

/** DIGITS = the ±1 digits of BLINDED (+ n, to be odd), as `recode` makes them (scalar.as). */
function recodeBlinded(): void {
  const even = (load<u64>(BLINDED) & 1) - 1; // all ones when even
  let carry: u64 = 0;
  for (let i: usize = 0; i < 48; i += 8) {
    const x = load<u64>(BLINDED + i);
    const s = x + (i < 32 ? load<u64>(N_WORDS + (i & 31)) & even : 0);
    const t = s + carry;
    carry = <u64>(s < x) | <u64>(t < s);
    store<u64>(BLINDED + i, t);
  }
  for (let i: usize = 0; i < 40; i += 8) {
    store<u64>(DIGITS + i, (load<u64>(BLINDED + i) >> 1) | (load<u64>(BLINDED + i, 8) << 63));
  }
  store<u64>(DIGITS, (<u64>1) << 4, 40); // digit 324, the highest, is +1
}
