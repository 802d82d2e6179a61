// SPDX-License-Identifier: Apache-2.0
// The overflow proof: a box of limb ranges that every field kernel maps into itself, found by
// iteration from one reduced element, with each operation inside its machine word on the way.
import { FIELD_SPECS, fieldKernel, rawDifferenceKernel } from './field.ts';
import { runIntervals, union, type Element, type Interval } from './interval.ts';
import { stepFieldKernel, stepKernel, stepOrderKernel } from './inverse.ts';
import { LIMBS, LIMB_BITS } from './ir.ts';
import { ORDER, orderKernel } from './order.ts';

/**
 * The box of stored elements, closed under all field kernels.
 * @throws RangeError when an operation may overflow or no box is found
 */
export function elementBox(): Element {
  let box: Element = Array.from({ length: LIMBS }, (_, limb) =>
    limb < LIMBS - 1 ? { low: 0n, high: (1n << 29n) - 1n } : { low: 0n, high: 1n << 24n },
  );
  for (let round = 0; round < 20; round += 1) {
    const grown = outputs(box).reduce(union, box);
    if (same(grown, box)) {
      checkSpecialInputs(box);
      checkInversion(box);
      checkRightSide(box);
      checkOrder();
      return box;
    }
    box = grown;
  }
  throw new RangeError('the limb ranges do not settle');
}

/** What each operation gives out for stored elements: the ranges of its limbs and of the number they make. */
export function specRanges(
  box: Element,
): ReadonlyMap<string, Readonly<{ limbs: Element; value: Interval }>> {
  const ranges = FIELD_SPECS.map((spec) => {
    const limbs = runIntervals(
      fieldKernel(spec),
      new Map(spec.pointers.map((name) => [name, box])),
    );
    return [spec.name, { limbs, value: valueRange(limbs) }] as const;
  });
  return new Map(ranges);
}

/** The range of the number that limbs in these ranges make. */
export function valueRange(limbs: Element): Interval {
  const end = (which: 'low' | 'high'): bigint =>
    limbs.reduceRight((sum, limb) => (sum << BigInt(LIMB_BITS)) + limb[which], 0n);
  return { low: end('low'), high: end('high') };
}

/**
 * The range of a·b·2^−261 mod n for carried factors with top limbs up to these.
 * @throws RangeError when an operation may overflow
 */
export function orderRange(topA: bigint, topB: bigint): Interval {
  const factor = (high: bigint): Element => carried({ low: 0n, high });
  const output = runIntervals(
    orderKernel(),
    new Map([
      ['a', factor(topA)],
      ['b', factor(topB)],
    ]),
  );
  return valueRange(output);
}

/**
 * Scalars: canonical ones and sums of two of them give less than 2n; what inversion modulo n ends with, below 44n,
 * times a canonical constant less than 3n, which two subtractions bring below n.
 */
function checkOrder(): void {
  const [canonical, twice] = [1n << 24n, 1n << 25n];
  const cases = [
    [canonical, canonical, 2n],
    [twice, canonical, 2n],
    [twice, twice, 2n],
    [44n << 24n, canonical, 3n],
  ] as const;
  for (const [a, b, times] of cases) {
    const { low, high } = orderRange(a, b);
    if (low < 0n || high >= times * ORDER) throw new RangeError('orderMul leaves its range');
  }
}

/** x³ − 3x + b is carried by a product with one: three terms, limb by limb, without a carry before. */
function checkRightSide(box: Element): void {
  const constant = carried({ low: 0n, high: 1n << 24n });
  const sum = box.map(({ low, high }, limb) => ({
    low: low - high + (constant[limb]?.low ?? 0n),
    high: high - low + (constant[limb]?.high ?? 0n),
  }));
  if (sum.some(({ low, high }) => low < -(1n << 31n) || high >= 1n << 31n)) {
    throw new RangeError('a term of the right side does not fit 32 bits');
  }
  const mul = FIELD_SPECS.find(({ name }) => name === 'mul');
  if (mul === undefined) throw new RangeError('no mul');
  const inputs = new Map([
    ['a', sum],
    ['b', constant],
  ]);
  if (!same(union(runIntervals(fieldKernel(mul), inputs), box), box)) {
    throw new RangeError('the right side leaves the box');
  }
}

/** A table point may be negated, and a raw difference may be a factor: the wider boxes. */
export function negated(box: Element): Element {
  return box.map(({ low, high }) => ({
    low: low < -high ? low : -high,
    high: high > -low ? high : -low,
  }));
}

/** Inputs of kernels that are wider than stored elements, by kernel and pointer. */
export function specialInputs(
  box: Element,
): readonly (readonly [name: string, wider: Readonly<Record<string, Element>>])[] {
  const sign = negated(box);
  const difference = runIntervals(
    rawDifferenceKernel(),
    new Map([
      ['a', box],
      ['b', box],
    ]),
  );
  // A y that was negated is an entry's (addition, and through setEntry a doubling) or the accumulator's first.
  return [
    ['mul', { b: difference }],
    ['mul', { a: difference }],
    ['mul', { a: difference, b: difference }],
    ['sqr', { a: difference }],
    ['sqr2', { a: sign }],
    ['mul2', { a: sign, b: sign }],
    ['mulSub', { a: sign }],
    ['mulSub', { a: sign, c: sign }],
    ['mulDiff', { b: sign, c: sign }],
    ['mulDiffSub', { d: sign }],
    ['crossY', { d: sign }],
  ];
}

function checkSpecialInputs(box: Element): void {
  for (const [name, wider] of specialInputs(box)) {
    const spec = FIELD_SPECS.find((each) => each.name === name);
    if (spec === undefined) throw new RangeError(`no kernel ${name}`);
    const inputs = new Map(spec.pointers.map((pointer) => [pointer, wider[pointer] ?? box]));
    if (!same(union(runIntervals(fieldKernel(spec), inputs), box), box)) {
      throw new RangeError(`${name} leaves the box on ${Object.keys(wider).join(', ')} so wide`);
    }
  }
}

/**
 * Inversion: |f|, |g| stay within the modulus, for the entries of a matrix row add up to 2^29 at
 * most; |d|, |e| grow by one modulus a round, to 22 of them. The last two products lead into the box.
 */
function checkInversion(box: Element): void {
  const entry = { low: -(1n << 29n), high: 1n << 29n };
  const m = [entry, entry];
  const short = carried({ low: -(1n << 24n) - 1n, high: (1n << 24n) + 1n });
  const long = carried({ low: -22n << 24n, high: 22n << 24n });
  const inputs = (element: Element): Map<string, Element> =>
    new Map([
      ['f', element],
      ['g', element],
      ['m', m],
    ]);
  runIntervals(stepKernel(), inputs(short));
  for (const kernel of [stepFieldKernel(), stepOrderKernel()]) runIntervals(kernel, inputs(long));
  const product = (a: Element): Element => {
    const mul = FIELD_SPECS.find(({ name }) => name === 'mul');
    if (mul === undefined) throw new RangeError('no mul');
    const constant = carried({ low: 0n, high: 1n << 24n });
    return runIntervals(
      fieldKernel(mul),
      new Map([
        ['a', a],
        ['b', constant],
      ]),
    );
  };
  if (!same(union(product(product(negated(long))), box), box)) {
    throw new RangeError('an inverse leaves the box');
  }
}

/** Limbs of 29 bits below a top limb of this range. */
function carried(top: Interval): Element {
  return Array.from({ length: LIMBS }, (_, limb) =>
    limb < LIMBS - 1 ? { low: 0n, high: (1n << 29n) - 1n } : top,
  );
}

function outputs(box: Element): Element[] {
  return FIELD_SPECS.map((spec) =>
    runIntervals(fieldKernel(spec), new Map(spec.pointers.map((name) => [name, box]))),
  );
}

function same(left: Element, right: Element): boolean {
  return left.every((a, limb) => a.low === right[limb]?.low && a.high === right[limb]?.high);
}
