import { type Kernel } from './ir.ts';
/**
 * The nine output limbs for the given inputs.
 * @throws RangeError when a value does not fit its word
 */
export declare function runKernel(
  kernel: Kernel,
  inputs: ReadonlyMap<string, readonly bigint[]>,
): bigint[];
