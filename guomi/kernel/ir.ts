// SPDX-License-Identifier: Apache-2.0
// Straight-line limb programs: recorded once, then emitted as AssemblyScript (scalar or two SIMD
// lanes), run over BigInts as a reference, or run over intervals to prove that nothing overflows.

export const LIMB_BITS = 29;
export const LIMBS = 9;
export const MASK = (1n << 29n) - 1n;

/** A narrow value fits 32 signed bits and may be multiplied; a wide one fits 64 bits. */
export type Value = Readonly<{ id: number; wide: boolean }>;

export type Op =
  | Readonly<{ kind: 'load'; pointer: string; limb: number }>
  | Readonly<{ kind: 'constant'; value: bigint }>
  | Readonly<{ kind: 'add' | 'sub' | 'mul'; left: Value; right: Value }>
  | Readonly<{ kind: 'widen'; of: Value }>
  | Readonly<{ kind: 'shl'; of: Value; bits: number }>
  | Readonly<{ kind: 'shr'; of: Value; bits: number }>
  | Readonly<{ kind: 'mask'; of: Value }>
  | Readonly<{ kind: 'maskTop'; of: Value; bits: number }>
  | Readonly<{ kind: 'wrapMul'; of: Value; by: bigint }>
  | Readonly<{ kind: 'store'; of: Value; limb: number }>;

export type Kernel = Readonly<{
  name: string;
  pointers: readonly string[];
  ops: readonly Readonly<{ op: Op; wide: boolean }>[];
}>;

/** Records one kernel; `pointers` are its inputs, the output pointer `o` comes first by itself. */
export class Recorder {
  readonly #ops: { op: Op; wide: boolean }[] = [];
  readonly #loads = new Map<string, Value>();

  load(pointer: string, limb: number): Value {
    const key = `${pointer}/${limb}`;
    const known = this.#loads.get(key);
    if (known !== undefined) return known;
    const value = this.#push({ kind: 'load', pointer, limb }, false);
    this.#loads.set(key, value);
    return value;
  }

  constant(value: bigint, wide: boolean): Value {
    return this.#push({ kind: 'constant', value }, wide);
  }

  add(left: Value, right: Value): Value {
    return this.#push({ kind: 'add', left, right }, left.wide);
  }

  sub(left: Value, right: Value): Value {
    return this.#push({ kind: 'sub', left, right }, left.wide);
  }

  mul(left: Value, right: Value): Value {
    return this.#push({ kind: 'mul', left, right }, true);
  }

  widen(of: Value): Value {
    return this.#push({ kind: 'widen', of }, true);
  }

  shl(of: Value, bits: number): Value {
    return this.#push({ kind: 'shl', of, bits }, of.wide);
  }

  shr(of: Value, bits: number): Value {
    return this.#push({ kind: 'shr', of, bits }, true);
  }

  mask(of: Value): Value {
    return this.#push({ kind: 'mask', of }, true);
  }

  maskTop(of: Value, bits: number): Value {
    return this.#push({ kind: 'maskTop', of, bits }, true);
  }

  /** Low 64 bits of a product with a constant: only its low limb is used afterwards. */
  wrapMul(of: Value, by: bigint): Value {
    return this.#push({ kind: 'wrapMul', of, by }, true);
  }

  store(of: Value, limb: number): void {
    this.#push({ kind: 'store', of, limb }, of.wide);
  }

  kernel(name: string, pointers: readonly string[]): Kernel {
    return { name, pointers, ops: this.#ops };
  }

  #push(op: Op, wide: boolean): Value {
    this.#ops.push({ op, wide });
    return { id: this.#ops.length - 1, wide };
  }
}
