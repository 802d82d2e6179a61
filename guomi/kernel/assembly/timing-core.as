// SPDX-License-Identifier: Apache-2.0
// Products one after the other: half of the race between one lane and two (timing-simd.as).
import { mul } from './kernel';
import { WORK } from './layout';

export function timeScalar(rounds: i32): void {
  for (let i = 0; i < 2 * rounds; i++) mul(WORK, WORK, WORK + 40);
}
