// SPDX-License-Identifier: Apache-2.0
// Runs a kernel over intervals: each operation's range is computed from its inputs' ranges and
// must fit its machine word. A kernel that passes cannot overflow, whatever its inputs in range.
import { LIMBS, type Kernel, type Op, type Value } from './ir.ts';

export type Interval = Readonly<{ low: bigint; high: bigint }>;
export type Element = readonly Interval[];

const NARROW = 1n << 31n;
const WIDE = 1n << 63n;

/** The range of each output limb. @throws RangeError naming the operation that may overflow */
export function runIntervals(kernel: Kernel, inputs: ReadonlyMap<string, Element>): Element {
  const ranges: Interval[] = [];
  const output: Interval[] = [];
  const of = (value: Value): Interval => at(ranges, value.id);
  for (const [index, { op, wide }] of kernel.ops.entries()) {
    const range = step(op, of, inputs);
    const limit = wide && op.kind !== 'store' ? WIDE : NARROW;
    if (op.kind !== 'wrapMul' && (range.low < -limit || range.high >= limit)) {
      throw new RangeError(`${kernel.name}: operation ${index} (${op.kind}) may overflow`);
    }
    if (op.kind === 'mul') for (const side of [op.left, op.right]) checkFactor(kernel, of(side));
    if (op.kind === 'store') output[op.limb] = range;
    ranges.push(range);
  }
  return output;
}

/** Widens `element` until the outputs of all kernels on it lie in it again. */
export function union(left: Element, right: Element): Element {
  return Array.from({ length: LIMBS }, (_, limb) => {
    const [a, b] = [at(left, limb), at(right, limb)];
    return { low: a.low < b.low ? a.low : b.low, high: a.high > b.high ? a.high : b.high };
  });
}

function at(list: readonly Interval[], index: number): Interval {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no interval ${index}`);
  return found;
}

function checkFactor(kernel: Kernel, factor: Interval): void {
  if (factor.low < -NARROW || factor.high >= NARROW) {
    throw new RangeError(`${kernel.name}: a factor does not fit 32 bits`);
  }
}

function step(
  op: Op,
  of: (value: Value) => Interval,
  inputs: ReadonlyMap<string, Element>,
): Interval {
  switch (op.kind) {
    case 'load':
      return at(inputs.get(op.pointer) ?? [], op.limb);
    case 'constant':
      return { low: op.value, high: op.value };
    case 'mask':
      return { low: 0n, high: (1n << 29n) - 1n };
    case 'maskTop':
      return { low: 0n, high: (1n << BigInt(op.bits)) - 1n };
    case 'wrapMul':
      return { low: -WIDE, high: WIDE - 1n };
    case 'widen':
    case 'store':
      return of(op.of);
    case 'shl':
    case 'shr':
      return shift(op.kind, of(op.of), BigInt(op.bits));
    default:
      return combine(op.kind, of(op.left), of(op.right));
  }
}

function shift(kind: 'shl' | 'shr', { low, high }: Interval, bits: bigint): Interval {
  return kind === 'shl'
    ? { low: low << bits, high: high << bits }
    : { low: low >> bits, high: high >> bits };
}

function combine(kind: 'add' | 'sub' | 'mul', a: Interval, b: Interval): Interval {
  if (kind === 'add') return { low: a.low + b.low, high: a.high + b.high };
  if (kind === 'sub') return { low: a.low - b.high, high: a.high - b.low };
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return {
    low: corners.reduce((x, y) => (x < y ? x : y)),
    high: corners.reduce((x, y) => (x > y ? x : y)),
  };
}
