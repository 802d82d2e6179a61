import { type Element } from './interval.ts';
/**
 * The box of stored elements, closed under all field kernels.
 * @throws RangeError when an operation may overflow or no box is found
 */
export declare function elementBox(): Element;
/** A table point may be negated, and a raw difference may be a factor: the wider boxes. */
export declare function negated(box: Element): Element;
