import { type Kernel } from './ir.ts';
export declare const ORDER =
  115792089210356248756420345214020892766061623724957744567843809356293439045923n;
/** Nine 29-bit limbs of a non-negative number. */
export declare function limbsOf(value: bigint): bigint[];
/** Records o = a·b·2^−261 mod n, below 2n for a·b < 2^261·n. */
export declare function orderKernel(): Kernel;
