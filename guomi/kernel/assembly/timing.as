// SPDX-License-Identifier: Apache-2.0
// Two loops of equal work, to find out whether two lanes beat one on this machine.
import { mul } from './kernel';
import { mul as mulLanes, STRIDE } from './lanes';
import { WORK } from './layout';

export function timeScalar(rounds: i32): void {
  for (let i = 0; i < 2 * rounds; i++) mul(WORK, WORK, WORK + 40);
}

export function timeLanes(rounds: i32): void {
  for (let i = 0; i < rounds; i++) mulLanes(WORK, WORK, WORK + STRIDE);
}
