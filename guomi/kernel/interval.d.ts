import { type Kernel } from './ir.ts';
export type Interval = Readonly<{
  low: bigint;
  high: bigint;
}>;
export type Element = readonly Interval[];
/** The range of each output limb. @throws RangeError naming the operation that may overflow */
export declare function runIntervals(kernel: Kernel, inputs: ReadonlyMap<string, Element>): Element;
/** Widens `element` until the outputs of all kernels on it lie in it again. */
export declare function union(left: Element, right: Element): Element;
