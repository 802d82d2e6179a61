// SPDX-License-Identifier: Apache-2.0
// As many products in two lanes, to find out whether two beat one on this machine (timing-core.as).
import { mul, STRIDE } from './lanes';
import { WORK } from './layout';

export function timeLanes(rounds: i32): void {
  for (let i = 0; i < rounds; i++) mul(WORK, WORK, WORK + STRIDE);
}
