// SPDX-License-Identifier: Apache-2.0
// Writes a recorded kernel as AssemblyScript: scalar on i64, or two elements in the two lanes of
// v128. An arithmetic right shift of i64x2 is slow in V8, so SIMD adds 2^63 and shifts logically.
import { MASK, type Kernel, type Op, type Value } from './ir.ts';

export type Target = 'scalar' | 'simd';

/** The whole source of a module that exports the kernels. */
export function emitModule(kernels: readonly Kernel[], target: Target): string {
  return kernels.map((kernel) => emitKernel(kernel, target)).join('\n');
}

/** The same functions as imports from the core module; the compiler keeps those that are called. */
export function emitImports(kernels: readonly Kernel[]): string {
  return kernels
    .map((kernel) => `@external("core", "${kernel.name}")\nexport declare ${headOf(kernel)};`)
    .join('\n');
}

function headOf(kernel: Kernel): string {
  const parameters = ['o', ...kernel.pointers].map((name) => `${name}: usize`).join(', ');
  return `function ${kernel.name}(${parameters}): void`;
}

function emitKernel(kernel: Kernel, target: Target): string {
  const lines = target === 'scalar' ? scalarLines(kernel) : simdLines(kernel);
  return `export ${headOf(kernel)} {\n${lines.join('\n')}\n}`;
}

const ref = (value: Value): string => `n${value.id}`;

function scalarLines(kernel: Kernel): string[] {
  return kernel.ops.map(({ op }, id) =>
    op.kind === 'store'
      ? `  i64.store32(o, ${ref(op.of)}, ${4 * op.limb});`
      : `  const n${id}: i64 = ${scalarOp(op)};`,
  );
}

function scalarOp(op: Exclude<Op, { kind: 'store' }>): string {
  switch (op.kind) {
    case 'load':
      return `i64.load32_s(${op.pointer}, ${4 * op.limb})`;
    case 'constant':
      return `${op.value}`;
    case 'widen':
      return ref(op.of);
    case 'shl':
      return `${ref(op.of)} << ${op.bits}`;
    case 'shr':
      return `${ref(op.of)} >> ${op.bits}`;
    case 'mask':
      return `${ref(op.of)} & ${MASK}`;
    case 'maskTop':
      return `${ref(op.of)} & ${(1n << BigInt(op.bits)) - 1n}`;
    case 'wrapMul':
      return `${ref(op.of)} * ${op.by}`;
    case 'add':
      return `${ref(op.left)} + ${ref(op.right)}`;
    case 'sub':
      return `${ref(op.left)} - ${ref(op.right)}`;
    case 'mul':
      return `${ref(op.left)} * ${ref(op.right)}`;
  }
}

// A logical shift leaves 2^(63 − bits) too much. It is not taken off at once: each value carries a
// known offset, which the next shift makes good, and which masks and 32-bit stores do not see.
function simdLines(kernel: Kernel): string[] {
  const stores: Value[] = [];
  const offsets: bigint[] = [];
  const lines = [`  const mask = i64x2.splat(${MASK});`];
  for (const [id, { op, wide }] of kernel.ops.entries()) {
    offsets.push(offsetOf(op, offsets));
    if (op.kind === 'store') stores.push(op.of);
    else if (op.kind === 'shr')
      lines.push(`  const n${id} = ${simdShift(op.of, op.bits, offsets)};`);
    else lines.push(`  const n${id} = ${simdOp(op, wide)};`);
  }
  for (let limb = 0; limb < stores.length; limb += 2) {
    const first = stores[limb];
    const second = stores[limb + 1] ?? first;
    if (first === undefined || second === undefined) continue;
    lines.push(
      `  v128.store(o, i32x4.shuffle(${ref(first)}, ${ref(second)}, ${first.wide ? '0, 2, 4, 6' : '0, 1, 4, 5'}), ${8 * limb});`,
    );
  }
  return lines;
}

function simdShift(of: Value, bits: number, offsets: readonly bigint[]): string {
  const bias = BigInt.asIntN(64, (1n << 63n) - (offsets[of.id] ?? 0n));
  return `i64x2.shr_u(i64x2.add(${ref(of)}, i64x2.splat(${bias})), ${bits})`;
}

function offsetOf(op: Op, offsets: readonly bigint[]): bigint {
  const of = (value: Value): bigint => offsets[value.id] ?? 0n;
  if (op.kind === 'shr') return 1n << BigInt(63 - op.bits);
  if (op.kind === 'shl') return of(op.of) << BigInt(op.bits);
  if (op.kind === 'add') return of(op.left) + of(op.right);
  if (op.kind === 'sub') return of(op.left) - of(op.right);
  // A product sees the low 32 bits of its factors, and they are narrow: no offset may be there at all.
  if (op.kind === 'mul' && (of(op.left) !== 0n || of(op.right) !== 0n)) {
    throw new RangeError('an offset would be multiplied');
  }
  const seen = op.kind === 'mask' ? 29n : op.kind === 'maskTop' ? BigInt(op.bits) : 32n;
  if ('of' in op && of(op.of) % (1n << seen) !== 0n) throw new RangeError('an offset would show');
  return 0n;
}

function simdOp(op: Exclude<Op, { kind: 'store' | 'shr' }>, wide: boolean): string {
  switch (op.kind) {
    case 'load':
      return `v128.load64_zero(${op.pointer}, ${8 * op.limb})`;
    case 'constant':
      return `i64x2.splat(${op.value})`;
    case 'widen':
      return `i64x2.extend_low_i32x4_s(${ref(op.of)})`;
    case 'shl':
      return `i64x2.shl(${ref(op.of)}, ${op.bits})`;
    case 'mask':
      return `v128.and(${ref(op.of)}, mask)`;
    case 'maskTop':
      return `v128.and(${ref(op.of)}, i64x2.splat(${(1n << BigInt(op.bits)) - 1n}))`;
    case 'wrapMul':
      throw new RangeError('modular order arithmetic is scalar');
    case 'mul':
      return `i64x2.extmul_low_i32x4_s(${ref(op.left)}, ${ref(op.right)})`;
    case 'add':
    case 'sub':
      return `${wide ? 'i64x2' : 'i32x4'}.${op.kind}(${ref(op.left)}, ${ref(op.right)})`;
  }
}
