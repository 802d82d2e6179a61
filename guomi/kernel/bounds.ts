// SPDX-License-Identifier: Apache-2.0
// The overflow proof: a box of limb ranges that every field kernel maps into itself, found by
// iteration from one reduced element, with each operation inside its machine word on the way.
import { FIELD_SPECS, fieldKernel, rawDifferenceKernel } from './field.ts';
import { runIntervals, union, type Element, type Interval } from './interval.ts';
import { stepFieldKernel, stepKernel, stepOrderKernel } from './inverse.ts';
import { LIMBS } from './ir.ts';

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
      return box;
    }
    box = grown;
  }
  throw new RangeError('the limb ranges do not settle');
}

/** A table point may be negated, and a raw difference may be a factor: the wider boxes. */
export function negated(box: Element): Element {
  return box.map(({ low, high }) => ({
    low: low < -high ? low : -high,
    high: high > -low ? high : -low,
  }));
}

function checkSpecialInputs(box: Element): void {
  const sign = negated(box);
  const difference = runIntervals(
    rawDifferenceKernel(),
    new Map([
      ['a', box],
      ['b', box],
    ]),
  );
  const special: Readonly<Record<string, Readonly<Record<string, Element>>>> = {
    mul: { b: difference },
    mulSub: { a: sign },
    mulDiff: { b: sign, c: sign },
    mulDiffSub: { d: sign },
  };
  for (const spec of FIELD_SPECS) {
    const wider = special[spec.name];
    if (wider === undefined) continue;
    const inputs = new Map(spec.pointers.map((name) => [name, wider[name] ?? box]));
    if (!same(union(runIntervals(fieldKernel(spec), inputs), box), box)) {
      throw new RangeError(`${spec.name} leaves the box on signed input`);
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
