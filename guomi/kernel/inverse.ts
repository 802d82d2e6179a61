// SPDX-License-Identifier: Apache-2.0
// The long steps of an inversion by division steps (docs/guomi.md §Inversion): 29 steps at a time are
// a matrix m with entries of 30 bits, and what it makes of f, g is divided by 2^29 exactly.
import { addQuotients } from './field.ts';
import { LIMBS, LIMB_BITS, Recorder, type Kernel, type Value } from './ir.ts';
import { limbsOf, minusInverse, ORDER } from './order.ts';

/** Records o = (m0·f + m1·g)·2^−29, of which the low limb is known to vanish. */
export function stepKernel(): Kernel {
  return record('step', (recorder, sums) => {
    let carry: Value | undefined;
    for (const [limb, start] of sums.entries()) {
      carry = put(recorder, carry === undefined ? start : recorder.add(start, carry), limb);
    }
    if (carry !== undefined) recorder.store(carry, LIMBS - 1);
  });
}

/** Records o = (m0·f + m1·g + k·p)·2^−29, where k in [0, 2^29) makes the low limb vanish. */
export function stepFieldKernel(): Kernel {
  return record('stepField', (recorder, sums) => {
    const quotients: Value[] = [];
    let carry: Value | undefined;
    for (const [limb, start] of sums.entries()) {
      const carried = carry === undefined ? start : recorder.add(start, carry);
      // −p⁻¹ ≡ 1 mod 2^29: k is the low limb itself, and −k cancels it.
      if (limb === 0) quotients.push(recorder.mask(carried));
      const sum = limb === 0 ? carried : addQuotients(recorder, carried, quotients, limb);
      carry = put(recorder, sum ?? carried, limb);
    }
    if (carry !== undefined) recorder.store(carry, LIMBS - 1);
  });
}

/** Records o = (m0·f + m1·g + k·n)·2^−29 in the same way for the order n. */
export function stepOrderKernel(): Kernel {
  const modulus = limbsOf(ORDER);
  return record('stepOrder', (recorder, sums) => {
    let quotient: Value | undefined;
    let carry: Value | undefined;
    for (const [limb, start] of sums.entries()) {
      const carried = carry === undefined ? start : recorder.add(start, carry);
      quotient ??= recorder.mask(recorder.wrapMul(recorder.mask(carried), minusInverse(ORDER)));
      const factor = recorder.constant(modulus[limb] ?? 0n, false);
      carry = put(recorder, recorder.add(carried, recorder.mul(quotient, factor)), limb);
    }
    if (carry !== undefined) recorder.store(carry, LIMBS - 1);
  });
}

function record(name: string, rest: (recorder: Recorder, sums: readonly Value[]) => void): Kernel {
  const recorder = new Recorder();
  const [m0, m1] = [recorder.load('m', 0), recorder.load('m', 1)];
  const sums = Array.from({ length: LIMBS }, (_, limb) =>
    recorder.add(
      recorder.mul(m0, recorder.load('f', limb)),
      recorder.mul(m1, recorder.load('g', limb)),
    ),
  );
  rest(recorder, sums);
  return recorder.kernel(name, ['f', 'g', 'm']);
}

/** Stores a limb one place down and returns what carries over. */
function put(recorder: Recorder, sum: Value, limb: number): Value {
  if (limb > 0) recorder.store(recorder.mask(sum), limb - 1);
  return recorder.shr(sum, LIMB_BITS);
}
