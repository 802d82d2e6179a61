// SPDX-License-Identifier: Apache-2.0
// The numbers that the module's code reads from its area of constants (kernel/assembly/field.as).
import { numberToBytes32 } from '../bytes.ts';
import { CURVE } from '../curve.ts';

const R = 1n << 261n;

/** The contents of the area of constants. */
export function constantBytes(): Uint8Array {
  const { p, n, b } = CURVE;
  const bytes = new Uint8Array(640);
  const view = new DataView(bytes.buffer);
  const limbs = (offset: number, value: bigint): void => {
    for (let limb = 0; limb < 9; limb += 1) {
      view.setUint32(offset + 4 * limb, Number((value >> BigInt(29 * limb)) & 0x1fffffffn), true);
    }
  };
  const words = (offset: number, value: bigint): void => {
    for (let word = 0; word < 4; word += 1) {
      view.setBigUint64(
        offset + 8 * word,
        (value >> BigInt(64 * word)) & 0xffffffffffffffffn,
        true,
      );
    }
  };
  const numbers = [1n, R % p, (R * R) % p, (b * R) % p, p, n, (R * R) % n];
  for (const [index, value] of numbers.entries()) limbs(40 * index, value);
  words(360, n);
  words(392, p);
  return bytes;
}

/** The coordinates of G, as they go to the key's area before `start`. */
export function generatorBytes(): Uint8Array {
  return Uint8Array.of(...numberToBytes32(CURVE.Gx), ...numberToBytes32(CURVE.Gy));
}
