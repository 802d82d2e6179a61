// SPDX-License-Identifier: Apache-2.0
// Montgomery multiplication modulo the group order n, R = 2^261, for the scalars of a signature:
// limbs are never negative, the result is below 2n, and no step depends on a value.
import { LIMBS, LIMB_BITS, MASK, Recorder, type Kernel, type Value } from './ir.ts';

export const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** Nine 29-bit limbs of a non-negative number. */
export function limbsOf(value: bigint): bigint[] {
  return Array.from({ length: LIMBS }, (_, limb) => (value >> BigInt(LIMB_BITS * limb)) & MASK);
}

/** Records o = a·b·2^−261 mod n, below 2n for a·b < 2^261·n. */
export function orderKernel(): Kernel {
  const recorder = new Recorder();
  const a = Array.from({ length: LIMBS }, (_, limb) => recorder.load('a', limb));
  const b = Array.from({ length: LIMBS }, (_, limb) => recorder.load('b', limb));
  const modulus = limbsOf(ORDER);
  const negativeInverse = minusInverse(ORDER);
  const quotients: Value[] = [];
  let carry: Value | undefined;
  for (let k = 0; k < 2 * LIMBS; k += 1) {
    let sum = carry ?? recorder.constant(0n, true);
    for (let i = Math.max(0, k - LIMBS + 1); i <= Math.min(k, LIMBS - 1); i += 1) {
      const [left, right] = [a[i], b[k - i]];
      if (left !== undefined && right !== undefined)
        sum = recorder.add(sum, recorder.mul(left, right));
    }
    for (const [i, quotient] of quotients.entries()) {
      const limb = modulus[k - i];
      if (limb !== undefined) {
        sum = recorder.add(sum, recorder.mul(quotient, recorder.constant(limb, false)));
      }
    }
    if (k < LIMBS) {
      const quotient = recorder.mask(recorder.wrapMul(recorder.mask(sum), negativeInverse));
      quotients.push(quotient);
      const low = recorder.constant(modulus[0] ?? 0n, false);
      sum = recorder.add(sum, recorder.mul(quotient, low));
    } else {
      recorder.store(k < 2 * LIMBS - 1 ? recorder.mask(sum) : sum, k - LIMBS);
    }
    carry = recorder.shr(sum, LIMB_BITS);
  }
  return recorder.kernel('orderMul', ['a', 'b']);
}

/** −n⁻¹ mod 2^29 by Newton's iteration. */
export function minusInverse(modulus: bigint): bigint {
  let inverse = 1n;
  for (let step = 0; step < 6; step += 1) inverse = (inverse * (2n - modulus * inverse)) & MASK;
  return -inverse & MASK;
}
