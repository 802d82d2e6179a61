// SPDX-License-Identifier: Apache-2.0
// DER files altered at random, for parsers that two libraries judge.
import { concatBytes } from '../../guomi/src/bytes.ts';

/** A change of one place; nine of ten fall on the first `head` bytes, where the structure is. */
export function alterDer(
  file: Uint8Array,
  random: (length: number) => Uint8Array,
  head: number,
): Uint8Array {
  const [what = 0, where = 0, value = 0, far = 0] = random(4);
  const at = where % (far < 240 ? Math.min(head, file.length) : file.length);
  const [before, after] = [file.subarray(0, at), file.subarray(at)];
  const [first = 0] = after;
  const changes = [
    () => concatBytes(before, Uint8Array.of(value), after.subarray(1)),
    () => concatBytes(before, Uint8Array.of(first ^ (1 << (value & 7))), after.subarray(1)),
    () => concatBytes(before, Uint8Array.of(value & 3), after),
    () => concatBytes(before, after.subarray(1 + (value & 1))),
    () => concatBytes(before, Uint8Array.of(first + 1), after.subarray(1)),
    // A byte put in, with every length around it made right again.
    () => grown(file, at, value),
  ];
  return (changes[what % changes.length] ?? (() => file))();
}

/** The file with a byte more at `at`; the lengths of all elements that hold it grow by one. */
function grown(file: Uint8Array, at: number, value: number): Uint8Array {
  const made = Uint8Array.from(file);
  for (let head = 0; head < at;) {
    const start = head + (made[head + 1] === 0x81 ? 3 : 2);
    const length = made[start - 1] ?? 0;
    const isHolder = at >= start && at <= start + length;
    if (isHolder) made[start - 1] = length + 1;
    const isConstructed = ((made[head] ?? 0) & 0x20) !== 0;
    head = isHolder && isConstructed ? start : start + length + (isHolder ? 1 : 0);
  }
  return concatBytes(made.subarray(0, at), Uint8Array.of(value & 0x81), made.subarray(at));
}
