// SPDX-License-Identifier: Apache-2.0
// QR versions in byte mode (ISO/IEC 18004, level M): what a text outside the alphanumeric set needs.

/** Bytes that versions 1 to 40 hold at level M. */
const CAPACITY_M = [
  14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
  711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989,
  2099, 2213, 2331,
] as const;

/** Least version that holds so many bytes, or undefined when none does. */
export function qrVersionOfBytes(length: number): number | undefined {
  const version = CAPACITY_M.findIndex((capacity) => length <= capacity) + 1;
  return version === 0 ? undefined : version;
}
