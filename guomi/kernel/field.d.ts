import { type Kernel } from './ir.ts';
/** A sum or difference of stored elements, multiplied without carrying first: "+x", "-y". */
export type Operand = readonly string[];
export type Product = Readonly<{
  left: Operand;
  right: Operand;
  times: 1 | 2 | -1 | -2;
}>;
export type Spec = Readonly<{
  name: string;
  pointers: readonly string[];
  products: readonly Product[];
  scale: 1 | 2;
  linear: readonly Readonly<{
    times: number;
    pointer: string;
  }>[];
}>;
/** Every field operation that the curve code uses, by what it computes. */
export declare const FIELD_SPECS: readonly Spec[];
/** Records o = a − b limb by limb, without carrying: an operand for one multiplication. */
export declare function rawDifferenceKernel(): Kernel;
/** Records the limb program of a spec. */
export declare function fieldKernel(spec: Spec): Kernel;
