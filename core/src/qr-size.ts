// SPDX-License-Identifier: Apache-2.0
// The QR version a text needs (ISO/IEC 18004, alphanumeric mode, level M). Size is a feature: the type says the greatest.

/** Characters that versions 1 to 40 hold at level M. */
const CAPACITY_M = [
  20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970,
  1035, 1134, 1248, 1326, 1451, 1542, 1637, 1732, 1839, 1994, 2113, 2238, 2369, 2506, 2632, 2780,
  2894, 3054, 3220, 3391,
] as const;

/** Least version that holds an alphanumeric text at level M, or undefined when none does. */
export function qrVersionOf(text: string): number | undefined {
  const version = CAPACITY_M.findIndex((capacity) => text.length <= capacity) + 1;
  return version === 0 ? undefined : version;
}
