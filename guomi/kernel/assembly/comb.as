// SPDX-License-Identifier: Apache-2.0
// Tables of multiples, grown in affine coordinates: each pass doubles every table, and its additions share one
// inversion. Signed combs (Lim and Lee with ±1 digits): entry i of table j is
// 2^(j·E)·(2^((w−1)·v·E) + Σ_k ±2^(k·v·E))·P, the sign of tooth k being bit k of i.
import { addEntry, double, normalise, setEntry } from './point';
import { copy } from './field';
import { invert } from './inverse';
import { mul, mulDiff, mulDiffSub, rawDiff, sqrSubSub } from './kernel';
import { BASE_TABLES, BASE_TEETH, COLUMNS, SIGN_TABLE, BASE_TABLE, SUMS, WORK } from './layout';

// Scratch for building: doublings as points, then as entries; the first entries of a comb; denominators with their products.
const DOUBLINGS: usize = 260; // the signer's; a comb has two a tooth and table
const POINTS: usize = WORK;
const ENTRIES: usize = WORK + 120 * DOUBLINGS;
const RUNNER: usize = ENTRIES + 72 * DOUBLINGS;
const FIRST: usize = RUNNER + 120;
const INVERSE: usize = FIRST + 72 * 4;
const V0: usize = INVERSE + 40;
const V1: usize = V0 + 40;
const PASS: usize = <usize>BASE_TABLES << (BASE_TEETH - 2); // the most additions that share an inversion
const DIFFERENCES: usize = SUMS;
const PRODUCTS: usize = SUMS + 40 * PASS;

/** Builds the comb of an affine entry: `tables`·2^(teeth−1) entries at `out`. */
export function buildComb(out: usize, entry: usize, teeth: i32, tables: i32): void {
  const bases = teeth * tables;
  setEntry(RUNNER, entry, 0);
  for (let m = 0; m < bases; m++) {
    nextPoint(2 * m);
    nextPoint(2 * m + 1);
    for (let i = 2; i < COLUMNS; i++) double(RUNNER);
  }
  normalise(ENTRIES, POINTS, 2 * bases);
  const half = 1 << (teeth - 1);
  const tooth = 144 * <usize>tables;
  for (let j = 0; j < tables; j++) {
    const base = ENTRIES + 144 * <usize>j;
    setEntry(RUNNER, base + tooth * <usize>(teeth - 1), 0);
    for (let k = 0; k < teeth - 1; k++) addEntry(RUNNER, base + tooth * <usize>k, 0xffffffff);
    memory.copy(POINTS + 120 * <usize>j, RUNNER, 120);
  }
  normalise(FIRST, POINTS, tables);
  for (let j = 0; j < tables; j++) memory.copy(out + 72 * <usize>(half * j), FIRST + 72 * <usize>j, 72);
  for (let k = 0; k < teeth - 1; k++) extend(out, 1 << k, half, tables, ENTRIES + tooth * <usize>k + 72, 144);
}

/** The comb of G for verification. */
export function buildBaseTable(entry: usize): void {
  buildComb(BASE_TABLE, entry, BASE_TEETH, BASE_TABLES);
}

/** The windows of G for signing: entry j of window i is (2j + 1)·2^(5i)·G. */
export function buildSignTable(entry: usize): void {
  setEntry(RUNNER, entry, 0);
  for (let i = 0; i < 260; i++) nextPoint(i);
  normalise(ENTRIES, POINTS, 260);
  for (let i: usize = 0; i < 52; i++) memory.copy(SIGN_TABLE + 1152 * i, ENTRIES + 360 * i, 72);
  for (let k = 0; k < 4; k++) extend(SIGN_TABLE, 1 << k, 16, 52, ENTRIES + 72 * <usize>(k + 1), 360);
}

/** Point i is the runner, which is doubled. */
function nextPoint(i: i32): void {
  memory.copy(POINTS + 120 * <usize>i, RUNNER, 120);
  double(RUNNER);
}

/**
 * Entries n to 2n − 1 of each table of `size`: those before them plus the j-th table's addend. No sum is of equal or
 * opposite points (docs/guomi.md §Recoding and combs); there are two at least, for an inversion takes a stored element,
 * which the product of two differences is and a single difference is not.
 */
function extend(out: usize, n: i32, size: i32, tables: i32, addends: usize, stride: usize): void {
  let d = DIFFERENCES, p = PRODUCTS;
  for (let j = 0; j < tables; j++) {
    const addend = addends + stride * <usize>j;
    const table = out + 72 * <usize>(size * j);
    for (let i = 0; i < n; i++) {
      rawDiff(d, addend, table + 72 * <usize>i);
      if (d == DIFFERENCES) copy(p, d);
      else mul(p, p - 40, d);
      d += 40; p += 40;
    }
  }
  invert(INVERSE, p - 40);
  for (let j = tables - 1; j >= 0; j--) {
    const addend = addends + stride * <usize>j;
    const table = out + 72 * <usize>(size * j);
    for (let i = n - 1; i >= 0; i--) {
      d -= 40; p -= 40;
      if (d == DIFFERENCES) {
        copy(V0, INVERSE);
      } else {
        mul(V0, INVERSE, p - 40);
        mul(INVERSE, INVERSE, d);
      }
      add(table + 72 * <usize>(n + i), table + 72 * <usize>i, addend);
    }
  }
}

/** Entry o = a + b with 1/(xb − xa) in V0. */
function add(o: usize, a: usize, b: usize): void {
  mulDiff(V0, V0, b + 36, a + 36); // λ
  sqrSubSub(V1, V0, a, b);
  mulDiffSub(o + 36, V0, a, V1, a + 36);
  copy(o, V1);
}
