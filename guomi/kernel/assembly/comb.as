// SPDX-License-Identifier: Apache-2.0
// Signed combs (Lim and Lee with ±1 digits): entry i of table j is
// 2^(j·E)·(2^((w−1)·v·E) + Σ_k ±2^(k·v·E))·P, the sign of tooth k being bit k of i.
import { addEntry, addMixed, double, normalise, setEntry } from './point';
import { copy } from './field';
import { BASE_TABLES, BASE_TEETH, COLUMNS, SIGN_TABLE, BASE_TABLE, SUMS, WORK } from './layout';

// Scratch for building: bases and their doubles as points, then as entries, then table points.
const POINTS: usize = WORK;
const ENTRIES: usize = WORK + 120 * 64;
const RUNNER: usize = WORK + 120 * 64 + 72 * 64;
const TABLE_POINTS: usize = SUMS;

function copyPoint(o: usize, P: usize): void {
  memory.copy(o, P, 120);
}

/** Builds the comb of an affine entry: `tables`·2^(teeth−1) entries at `out`. */
export function buildComb(out: usize, entry: usize, teeth: i32, tables: i32): void {
  const bases = teeth * tables;
  setEntry(RUNNER, entry, 0);
  for (let m = 0; m < bases; m++) {
    copyPoint(POINTS + 240 * <usize>m, RUNNER);
    double(RUNNER);
    copyPoint(POINTS + 240 * <usize>m + 120, RUNNER);
    for (let i = 1; i < COLUMNS; i++) double(RUNNER);
  }
  normalise(ENTRIES, POINTS, 2 * bases);
  const half = 1 << (teeth - 1);
  for (let j = 0; j < tables; j++) {
    const table = TABLE_POINTS + 120 * <usize>(half * j);
    setEntry(table, ENTRIES + 144 * <usize>((teeth - 1) * tables + j), 0);
    for (let k = 0; k < teeth - 1; k++) addEntry(table, ENTRIES + 144 * <usize>(k * tables + j), 0xffffffff);
    for (let i = 1; i < half; i++) {
      const point = table + 120 * <usize>i;
      copyPoint(point, table + 120 * <usize>(i & (i - 1)));
      const twice = ENTRIES + 144 * <usize>(ctz(i) * tables + j) + 72;
      addMixed(point, twice, twice + 36);
    }
  }
  normalise(out, TABLE_POINTS, half * tables);
}

/** The comb of G for verification. */
export function buildBaseTable(entry: usize): void {
  buildComb(BASE_TABLE, entry, BASE_TEETH, BASE_TABLES);
}

/** The windows of G for signing: entry j of window i is (2j + 1)·2^(5i)·G. */
export function buildSignTable(entry: usize): void {
  setEntry(RUNNER, entry, 0);
  for (let i = 0; i < 52; i++) {
    copyPoint(POINTS, RUNNER);
    double(RUNNER);
    copyPoint(POINTS + 120, RUNNER);
    normalise(ENTRIES, POINTS, 2);
    setEntry(TABLE_POINTS, ENTRIES, 0);
    for (let j = 1; j < 16; j++) {
      const point = TABLE_POINTS + 120 * <usize>j;
      copyPoint(point, point - 120);
      addMixed(point, ENTRIES + 72, ENTRIES + 108);
    }
    normalise(SIGN_TABLE + 1152 * <usize>i, TABLE_POINTS, 16);
    for (let n = 1; n < 5; n++) double(RUNNER);
  }
}
