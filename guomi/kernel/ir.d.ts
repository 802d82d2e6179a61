export declare const LIMB_BITS = 29;
export declare const LIMBS = 9;
export declare const MASK: bigint;
/** A narrow value fits 32 signed bits and may be multiplied; a wide one fits 64 bits. */
export type Value = Readonly<{
  id: number;
  wide: boolean;
}>;
export type Op =
  | Readonly<{
      kind: 'load';
      pointer: string;
      limb: number;
    }>
  | Readonly<{
      kind: 'constant';
      value: bigint;
    }>
  | Readonly<{
      kind: 'add' | 'sub' | 'mul';
      left: Value;
      right: Value;
    }>
  | Readonly<{
      kind: 'widen';
      of: Value;
    }>
  | Readonly<{
      kind: 'shl' | 'shr';
      of: Value;
      bits: number;
    }>
  | Readonly<{
      kind: 'mask';
      of: Value;
    }>
  | Readonly<{
      kind: 'maskTop';
      of: Value;
      bits: number;
    }>
  | Readonly<{
      kind: 'wrapMul';
      of: Value;
      by: bigint;
    }>
  | Readonly<{
      kind: 'store';
      of: Value;
      limb: number;
    }>;
export type Kernel = Readonly<{
  name: string;
  pointers: readonly string[];
  ops: readonly Readonly<{
    op: Op;
    wide: boolean;
  }>[];
}>;
/** Records one kernel; `pointers` are its inputs, the output pointer `o` comes first by itself. */
export declare class Recorder {
  #private;
  load(pointer: string, limb: number): Value;
  constant(value: bigint, wide: boolean): Value;
  add(left: Value, right: Value): Value;
  sub(left: Value, right: Value): Value;
  mul(left: Value, right: Value): Value;
  widen(of: Value): Value;
  shl(of: Value, bits: number): Value;
  shr(of: Value, bits: number): Value;
  mask(of: Value): Value;
  maskTop(of: Value, bits: number): Value;
  /** Low 64 bits of a product with a constant: only its low limb is used afterwards. */
  wrapMul(of: Value, by: bigint): Value;
  store(of: Value, limb: number): void;
  kernel(name: string, pointers: readonly string[]): Kernel;
}
