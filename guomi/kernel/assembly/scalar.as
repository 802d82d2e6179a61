// SPDX-License-Identifier: Apache-2.0
// Public scalars of a verification: ranges, t = r + s, the ±1 digits. Four 64-bit words, low first.
import { N_WORDS } from './field';

export function wordsFromBytes(o: usize, bytes: usize): void {
  for (let i: usize = 0; i < 32; i += 8) store<u64>(o + i, bswap<u64>(load<u64>(bytes + 24 - i)));
}

export function bytesFromWords(bytes: usize, a: usize): void {
  for (let i: usize = 0; i < 32; i += 8) store<u64>(bytes + 24 - i, bswap<u64>(load<u64>(a + i)));
}

/** o = a + b, the carry returned. */
export function addWords(o: usize, a: usize, b: usize): u64 {
  let carry: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const x = load<u64>(a + i);
    const s = x + load<u64>(b + i);
    const t = s + carry;
    carry = <u64>(s < x) | <u64>(t < s);
    store<u64>(o + i, t);
  }
  return carry;
}

/** o = a − b, the borrow returned. */
export function subWords(o: usize, a: usize, b: usize): u64 {
  let borrow: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const x = load<u64>(a + i);
    const s = x - load<u64>(b + i);
    const t = s - borrow;
    borrow = <u64>(s > x) | <u64>(t > s);
    store<u64>(o + i, t);
  }
  return borrow;
}

export function lessWords(a: usize, b: usize): bool {
  for (let i = 24; i >= 0; i -= 8) {
    const x = load<u64>(a + <usize>i), y = load<u64>(b + <usize>i);
    if (x != y) return x < y;
  }
  return false;
}

export function isZeroWords(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}

/** o = a + b mod n, for a, b < n. */
export function addOrder(o: usize, a: usize, b: usize): void {
  const carry = addWords(o, a, b);
  if (carry || !lessWords(o, N_WORDS)) subWords(o, o, N_WORDS);
}

/** o = a − b mod n, for any a and b below 2^256. */
export function subOrder(o: usize, a: usize, b: usize): void {
  if (subWords(o, a, b)) {
    // Twice at most: a − b > −2^256 > −2n.
    if (!addWords(o, o, N_WORDS)) addWords(o, o, N_WORDS);
  }
  if (!lessWords(o, N_WORDS)) subWords(o, o, N_WORDS);
}

/**
 * Five words whose bit i says that digit i of the ±1 form is +1, for `length` digits: u (or u + n,
 * to be odd) = Σ ±2^i with T = (u + 2^length − 1) / 2. Branch-free, for secrets too.
 */
export function recode(o: usize, u: usize, length: i32): void {
  const even = (load<u64>(u) & 1) - 1; // all ones when u is even
  let carry: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const x = load<u64>(u + i);
    const s = x + (load<u64>(N_WORDS + i) & even);
    const t = s + carry;
    carry = <u64>(s < x) | <u64>(t < s);
    store<u64>(o + i, t);
  }
  for (let i: usize = 0; i < 24; i += 8) {
    store<u64>(o + i, (load<u64>(o + i) >> 1) | (load<u64>(o + i, 8) << 63));
  }
  store<u64>(o, (load<u64>(o, 24) >> 1) | (carry << 63), 24);
  store<u64>(o, (<u64>1) << <u64>(length - 257), 32);
}

/** `count` bits of five words from bit `at`. */
export function bits(words: usize, at: i32, count: i32): u32 {
  const word = words + <usize>((at >> 6) << 3);
  const shift = <u64>(at & 63);
  let value = load<u64>(word) >> shift;
  if (<i32>shift + count > 64) value |= load<u64>(word, 8) << (64 - shift);
  return <u32>value & ((1 << count) - 1);
}

/**
 * The comb indices of `span` positions, a byte each at `out`: bit k of byte i is digit i + k·span,
 * for the teeth from `from` to `to` − 1. Eight positions at a time: the eight bits of a byte are
 * spread over the eight bytes of a word.
 */
export function spreadDigits(out: usize, digits: usize, span: i32, from: i32, to: i32): void {
  for (let at = 0; at < span; at += 8) {
    let word: u64 = 0;
    for (let k = from; k < to; k++) {
      let x = <u64>bits(digits, k * span + at, 8) * 0x0101010101010101;
      x = ((x & 0x8040201008040201) + 0x7f7f7f7f7f7f7f7f) >> 7;
      word |= (x & 0x0101010101010101) << <u64>(k - from);
    }
    store<u64>(out + <usize>at, word);
  }
}
