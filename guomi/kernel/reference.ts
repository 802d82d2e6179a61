// SPDX-License-Identifier: Apache-2.0
// Runs a kernel over BigInts, each value checked to fit its machine word: the generator's own oracle.
import { MASK, type Kernel, type Op, type Value } from './ir.ts';

/**
 * The nine output limbs for the given inputs.
 * @throws RangeError when a value does not fit its word
 */
export function runKernel(
  kernel: Kernel,
  inputs: ReadonlyMap<string, readonly bigint[]>,
): bigint[] {
  const values: bigint[] = [];
  const output: bigint[] = [];
  const of = (value: Value): bigint => values[value.id] ?? 0n;
  for (const { op, wide } of kernel.ops) {
    const result = step(op, of, inputs);
    const bits = wide && op.kind !== 'store' ? 64 : 32;
    if (BigInt.asIntN(bits, result) !== result) throw new RangeError(`${kernel.name}: ${op.kind}`);
    if (op.kind === 'store') output[op.limb] = result;
    values.push(result);
  }
  return output;
}

function step(
  op: Op,
  of: (value: Value) => bigint,
  inputs: ReadonlyMap<string, readonly bigint[]>,
): bigint {
  switch (op.kind) {
    case 'load':
      return inputs.get(op.pointer)?.[op.limb] ?? 0n;
    case 'constant':
      return op.value;
    case 'widen':
    case 'store':
      return of(op.of);
    case 'shl':
      return of(op.of) << BigInt(op.bits);
    case 'shr':
      return of(op.of) >> BigInt(op.bits);
    default:
      return arithmetic(op, of);
  }
}

type Arithmetic = Extract<Op, { kind: 'mask' | 'maskTop' | 'wrapMul' | 'add' | 'sub' | 'mul' }>;

function arithmetic(op: Arithmetic, of: (value: Value) => bigint): bigint {
  switch (op.kind) {
    case 'mask':
      return of(op.of) & MASK;
    case 'maskTop':
      return of(op.of) & ((1n << BigInt(op.bits)) - 1n);
    case 'wrapMul':
      return BigInt.asIntN(64, of(op.of) * op.by);
    case 'add':
      return of(op.left) + of(op.right);
    case 'sub':
      return of(op.left) - of(op.right);
    case 'mul':
      return of(op.left) * of(op.right);
  }
}
