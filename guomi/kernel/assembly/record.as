// SPDX-License-Identifier: Apache-2.0
// A signature that waits in a batch: r − e, its key's table, the status, then a byte for each comb
// index (for G in two halves). Written by the intake, read by the batch, which may be another module.
import { RECORDS } from './layout';

export const RECORD: usize = 192;
export const TABLE: usize = 32;
export const STATUS: usize = 36;
export const OWN_INDEX: usize = 40;
export const BASE_INDEX: usize = 96;
export const BASE_HIGH: usize = 40; // from an index's low half to its high half

export function recordAt(i: i32): usize {
  return RECORDS + RECORD * <usize>i;
}
