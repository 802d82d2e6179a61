// SPDX-License-Identifier: Apache-2.0
// Limbs for the tests of the kernels: at the limits of their ranges and at random within them.
import type { Element } from '../../guomi/kernel/interval.ts';

/** One number for each range; every third round each is the least or the most there is. */
export function limbsIn(
  element: Element,
  random: (length: number) => Uint8Array,
  round: number,
): bigint[] {
  return element.map(({ low, high }) => {
    const [choice = 0, ...digits] = random(9);
    if (round % 3 === 0) return choice % 2 === 0 ? low : high;
    const number = BigInt(`0x${Buffer.from(digits).toString('hex')}`);
    return low + (number % (high - low + 1n));
  });
}
