// SPDX-License-Identifier: Apache-2.0
// Many verifications at once in affine coordinates: the additions of a tree level share one
// inversion (Montgomery's trick), so an addition costs 5M + 1S. An exceptional addition is noticed
// by its zero denominator, gets 1 instead, and its signature is sent to the complete path.
import { extract, gather, laneIsZero, LANES, mul, mulDiff, mulDiffSub, mulNegSub, rawDiff, setLaneOne, sqr, sqrDiffSubMul, sqrSubSub, STRIDE, sum2, suspect, vcopy, vinvert } from './lanes';
import { bytesFromLimbs, canonical, N_WORDS, P_WORDS } from './field';
import { addWords, lessWords, wordsFromBytes } from './scalar';
import { BASE_HIGH, BASE_INDEX, OWN_INDEX, RECORD, recordAt, STATUS, TABLE } from './record';
import { BASE_TABLE, BASE_TABLES, BASE_TEETH, BATCH_GROUP, COLUMNS, KEY_TABLES, KEY_TEETH, SUMS, TEMPORARIES, WORK } from './layout';

const LEAVES: i32 = KEY_TABLES + BASE_TABLES;
const PAIR: usize = 2 * STRIDE; // a point
const INVERSE: usize = TEMPORARIES + 680;
const V0: usize = TEMPORARIES + 760;
const V1: usize = TEMPORARIES + 840;
const V2: usize = TEMPORARIES + 920;
const X: usize = TEMPORARIES + 1000;

/** Answers `count` waiting records; `batchAnswer(i)` tells the i-th. */
export function batchRun(count: i32): void {
  if (count == 0) return;
  if (LANES == 2 && count & 1) memory.copy(recordAt(count), recordAt(count - 1), RECORD); // an odd one verifies twice
  const pairs = (count + LANES - 1) / LANES;
  const group = max(1, min(COLUMNS, BATCH_GROUP / pairs));
  for (let column = 0; column < COLUMNS; column += group) {
    sumColumns(column, min(group, COLUMNS - column), pairs);
  }
  horner(pairs);
  for (let i = 0; i < count; i++) answer(i, pairs);
}

/** 0 no, 1 yes, 2 exceptional. */
export function batchAnswer(i: i32): i32 {
  return load<i32>(recordAt(i), STATUS);
}

function sumAt(column: i32, pairs: i32): usize {
  return SUMS + PAIR * <usize>(column * pairs);
}

/** SUMS of some columns: a tree over the leaves of each, level by level. */
function sumColumns(column: i32, columns: i32, pairs: i32): void {
  const count = columns * pairs;
  const leaf = PAIR * <usize>count;
  for (let j = 0; j < LEAVES; j++) gatherLeaf(j, column, columns, pairs, WORK + leaf * <usize>j);
  const differences = WORK + leaf * <usize>LEAVES;
  const products = differences + STRIDE * <usize>(count * (LEAVES / 2));
  for (let step = 1; step < LEAVES; step *= 2) {
    let done = 0;
    for (let t = 0; t + step < LEAVES; t += 2 * step) {
      forward(WORK + leaf * <usize>t, WORK + leaf * <usize>(t + step), count, differences, products, done, pairs);
      done += count;
    }
    vinvert(INVERSE, products + STRIDE * <usize>(done - 1));
    const root = 2 * step >= LEAVES;
    for (let t = ((done / count) - 1) * 2 * step; t >= 0; t -= 2 * step) {
      done -= count;
      const left = WORK + leaf * <usize>t;
      backward(root ? sumAt(column, pairs) : left, left, WORK + leaf * <usize>(t + step), count, differences, products, done);
    }
  }
}

/** Denominators and their running products for `count` additions a + b. */
function forward(a: usize, b: usize, count: i32, differences: usize, products: usize, first: i32, pairs: i32): void {
  let d = differences + STRIDE * <usize>first;
  let p = products + STRIDE * <usize>first;
  for (let i = 0; i < count; i++) {
    rawDiff(d, b, a);
    if (suspect(d)) mend(d, i % pairs);
    if (first + i == 0) vcopy(p, d);
    else mul(p, p - STRIDE, d);
    a += PAIR; b += PAIR; d += STRIDE; p += STRIDE;
  }
}

/** o = a + b with the inverses taken out of INVERSE one by one, from the end. */
function backward(o: usize, a: usize, b: usize, count: i32, differences: usize, products: usize, first: i32): void {
  for (let i = count - 1; i >= 0; i--) {
    const at = first + i;
    const p = products + STRIDE * <usize>at, d = differences + STRIDE * <usize>at;
    const x = a + PAIR * <usize>i, y = b + PAIR * <usize>i, r = o + PAIR * <usize>i;
    if (at > 0) {
      mul(V0, INVERSE, p - STRIDE);
      mul(INVERSE, INVERSE, d);
    } else {
      vcopy(V0, INVERSE);
    }
    mulDiff(V0, V0, y + STRIDE, x + STRIDE); // λ
    sqrSubSub(V1, V0, x, y);
    mulDiffSub(r + STRIDE, V0, x, V1, x + STRIDE);
    vcopy(r, V1);
  }
}

/** A lane whose denominator is 0 is exceptional: mark its signature, go on with 1. */
function mend(d: usize, pair: i32): void {
  for (let lane = 0; lane < LANES; lane++) {
    if (!laneIsZero(d, lane)) continue;
    setLaneOne(d, lane);
    store<i32>(recordAt(pair * LANES + lane), 2, STATUS);
  }
}

/** acc = 2·acc + column, from the last column down, each step with one inversion. */
function horner(pairs: i32): void {
  const size = STRIDE * <usize>pairs;
  const acc = sumAt(COLUMNS - 1, pairs);
  const d1 = WORK, d2 = WORK + size, e = WORK + 2 * size, d = WORK + 3 * size, p = WORK + 4 * size;
  for (let column = COLUMNS - 2; column >= 0; column--) {
    const sum = sumAt(column, pairs);
    for (let i = 0; i < pairs; i++) {
      const at = STRIDE * <usize>i, a = acc + 2 * at, c = sum + 2 * at;
      rawDiff(d1 + at, c, a);
      sqr(d2 + at, d1 + at);
      sum2(V0, a, c);
      sqrDiffSubMul(e + at, c + STRIDE, a + STRIDE, d2 + at, V0);
      mul(d + at, e + at, d1 + at);
      if (suspect(d + at)) mend(d + at, i);
      if (i == 0) vcopy(p, d);
      else mul(p + at, p + at - STRIDE, d + at);
    }
    vinvert(INVERSE, p + size - STRIDE);
    for (let i = pairs - 1; i >= 0; i--) {
      const at = STRIDE * <usize>i, a = acc + 2 * at, c = sum + 2 * at;
      if (i > 0) {
        mul(V0, INVERSE, p + at - STRIDE);
        mul(INVERSE, INVERSE, d + at);
      } else {
        vcopy(V0, INVERSE);
      }
      mul(V1, V0, e + at); // 1/(xc − xa)
      mulDiff(V1, V1, c + STRIDE, a + STRIDE); // λ1
      mul(V2, d1 + at, d2 + at);
      mul(V0, V0, V2); // 1/(x3 − xa)
      sqrSubSub(V2, V1, a, c); // x3
      mulNegSub(V0, a + STRIDE, V0, V1); // λ2
      sqrSubSub(V1, V0, a, V2);
      mulDiffSub(a + STRIDE, V0, a, V1, a + STRIDE);
      vcopy(a, V1);
    }
  }
}

/** Compares x with v = r − e, and with v + n where that is below p. */
function answer(i: i32, pairs: i32): void {
  const record = recordAt(i);
  if (load<i32>(record, STATUS) == 2) return;
  extract(X, sumAt(COLUMNS - 1, pairs) + PAIR * <usize>(i / LANES), i % LANES);
  canonical(V0, X);
  bytesFromLimbs(V1, V0);
  wordsFromBytes(V0, V1);
  let yes = sameWords(V0, record);
  if (!yes && !addWords(V1, record, N_WORDS) && lessWords(V1, P_WORDS)) yes = sameWords(V0, V1);
  store<i32>(record, <i32>yes, STATUS);
}

function sameWords(a: usize, b: usize): bool {
  return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8)
    && load<u64>(a, 16) == load<u64>(b, 16) && load<u64>(a, 24) == load<u64>(b, 24);
}

function gatherLeaf(j: i32, column: i32, columns: i32, pairs: i32, out: usize): void {
  if (j < KEY_TABLES) gatherOwn(j, column, columns, pairs, out);
  else gatherBase(j - KEY_TABLES, column, columns, pairs, out);
}

function gatherOwn(j: i32, column: i32, columns: i32, pairs: i32, out: usize): void {
  const half: u32 = 1 << (KEY_TEETH - 1);
  const first = 72 * half * j;
  for (let c = column; c < column + columns; c++) {
    let record = recordAt(0) + OWN_INDEX + <usize>(j * COLUMNS + c);
    for (let pair = 0; pair < pairs; pair++) {
      const index = <u32>load<u8>(record);
      const mask = ((index >> (KEY_TEETH - 1)) & 1) - 1;
      const entry = tableOf(record, j, c) + first + 72 * ((index ^ mask) & (half - 1));
      if (LANES == 1) {
        gather(out, entry, mask, entry, mask);
      } else {
        const other = <u32>load<u8>(record, RECORD);
        const otherMask = ((other >> (KEY_TEETH - 1)) & 1) - 1;
        const otherEntry = tableOf(record + RECORD, j, c) + first + 72 * ((other ^ otherMask) & (half - 1));
        gather(out, entry, mask, otherEntry, otherMask);
      }
      record += RECORD * LANES;
      out += PAIR;
    }
  }
}

// @ts-ignore: decorator
@inline function tableOf(indexAddress: usize, j: i32, c: i32): u32 {
  return load<u32>(indexAddress - OWN_INDEX - <usize>(j * COLUMNS + c), TABLE);
}

function gatherBase(j: i32, column: i32, columns: i32, pairs: i32, out: usize): void {
  const half: u32 = 1 << (BASE_TEETH - 1);
  const first = <u32>BASE_TABLE + 72 * half * j;
  for (let c = column; c < column + columns; c++) {
    let record = recordAt(0) + BASE_INDEX + <usize>(j * COLUMNS + c);
    for (let pair = 0; pair < pairs; pair++) {
      const index = <u32>load<u8>(record) | (<u32>load<u8>(record, BASE_HIGH) << 8);
      const mask = ((index >> (BASE_TEETH - 1)) & 1) - 1;
      const entry = first + 72 * ((index ^ mask) & (half - 1));
      if (LANES == 1) {
        gather(out, entry, mask, entry, mask);
      } else {
        const other = <u32>load<u8>(record, RECORD) | (<u32>load<u8>(record, RECORD + BASE_HIGH) << 8);
        const otherMask = ((other >> (BASE_TEETH - 1)) & 1) - 1;
        gather(out, entry, mask, first + 72 * ((other ^ otherMask) & (half - 1)), otherMask);
      }
      record += RECORD * LANES;
      out += PAIR;
    }
  }
}
