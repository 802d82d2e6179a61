// SPDX-License-Identifier: Apache-2.0
// The field kernels: sums of products over F_p, Montgomery-reduced with R = 2^261 in nine signed
// limbs of 29 bits. p = 2^256 − 2^224 − 2^96 + 2^64 − 1 ≡ −1 mod 2^64, so the Montgomery quotient
// of a limb is the limb itself and q·p is four shifts (docs/guomi.md §Field).
import { LIMBS, Recorder, type Kernel, type Value } from './ir.ts';

/** A sum or difference of stored elements, multiplied without carrying first: "+x", "-y". */
export type Operand = readonly string[];

export type Product = Readonly<{ left: Operand; right: Operand; times: 1 | 2 | -1 | -2 }>;

export type Spec = Readonly<{
  name: string;
  pointers: readonly string[];
  products: readonly Product[];
  scale: 1 | 2;
  linear: readonly Readonly<{ times: number; pointer: string }>[];
}>;

const product = (left: string, right: string, times: Product['times'] = 1): Product => ({
  left: left.split(' '),
  right: right.split(' '),
  times,
});

const spec = (
  name: string,
  pointers: string,
  products: readonly Product[],
  linear: Spec['linear'] = [],
  scale: 1 | 2 = 1,
): Spec => ({ name, pointers: pointers.split(' '), products, linear, scale });

const term = (times: number, pointer: string): Spec['linear'][number] => ({ times, pointer });

/** Every field operation that the curve code uses, by what it computes. */
export const FIELD_SPECS: readonly Spec[] = [
  spec('mul', 'a b', [product('+a', '+b')]),
  spec('sqr', 'a', [product('+a', '+a')]),
  spec('mul2', 'a b', [product('+a', '+b')], [], 2),
  spec('sqr2', 'a', [product('+a', '+a')], [], 2),
  spec('mulSub', 'a b c', [product('+a', '+b')], [term(-1, 'c')]), // ab − c
  spec('sqrSubSub2', 'a b c', [product('+a', '+a')], [term(-1, 'b'), term(-2, 'c')]), // a² − b − 2c
  spec('sqrSub2', 'a b', [product('+a', '+a')], [term(-2, 'b')]), // a² − 2b
  spec('sqrSubSub', 'a b c', [product('+a', '+a')], [term(-1, 'b'), term(-1, 'c')]), // a² − b − c
  spec('mulDiff', 'a b c', [product('+a', '+b -c')]), // a(b − c)
  spec('mulDiffSub', 'a b c d', [product('+a', '+b -c')], [term(-1, 'd')]), // a(b − c) − d
  spec('mulSumDiff', 'a b', [product('+a -b', '+a +b')]), // (a − b)(a + b)
  spec('crossY', 'a b c d e', [product('+a', '+b -c'), product('+d', '+e', -1)]), // a(b−c) − de
  spec('doubleY', 'a b c d', [product('+a', '+b -c'), product('+d', '+d', -2)]), // a(b−c) − 2d²
  spec('sqrDiffSubMul', 'a b c d', [product('+a -b', '+a -b'), product('+c', '+d', -1)]), // (a−b)² − cd
  spec('mulNegSub', 'a b c', [product('+a', '+b', -2)], [term(-1, 'c')]), // −2ab − c
  spec('triple', 'a', [], [term(3, 'a')]),
  spec('sum2', 'a b', [], [term(2, 'a'), term(1, 'b')]), // 2a + b
];

/** Records o = a − b limb by limb, without carrying: an operand for one multiplication. */
export function rawDifferenceKernel(): Kernel {
  const recorder = new Recorder();
  const limbs = operand(recorder, ['+a', '-b']);
  for (const [limb, value] of limbs.entries()) recorder.store(value, limb);
  return recorder.kernel('rawDiff', ['a', 'b']);
}

/** Records the limb program of a spec. */
export function fieldKernel(spec: Spec): Kernel {
  const recorder = new Recorder();
  const upper = spec.products.length > 0 ? reduce(recorder, columns(recorder, spec)) : zeros();
  const scaled = upper.map((value) =>
    value !== undefined && spec.scale === 2 ? recorder.shl(value, 1) : value,
  );
  const summed = addLinear(recorder, scaled, spec);
  finish(recorder, summed, spec.linear.length > 0 || spec.scale === 2);
  return recorder.kernel(spec.name, spec.pointers);
}

type Sum = Value | undefined;

function zeros(): Sum[] {
  return Array.from({ length: LIMBS }, () => undefined);
}

function plus(recorder: Recorder, left: Sum, right: Value): Value {
  return left === undefined ? right : recorder.add(left, right);
}

/** Which limb products make up column k of every product of the spec. */
function columns(recorder: Recorder, spec: Spec): ((k: number, sum: Sum) => Sum)[] {
  return spec.products.map((entry) => {
    const square = entry.left.join() === entry.right.join();
    const left = operand(recorder, entry.left);
    const right = square ? left : operand(recorder, entry.right);
    const double = Math.abs(entry.times) === 2;
    const twice = square || double ? left.map((v) => recorder.add(v, v)) : left;
    const factor = double ? twice : left;
    return (k, sum) => {
      let total = sum;
      for (let i = Math.max(0, k - LIMBS + 1); i <= Math.min(k, LIMBS - 1); i += 1) {
        const j = k - i;
        if (square && i > j) break;
        const a = square && i < j ? twice[i] : factor[i];
        const b = square && double && i < j ? twice[j] : right[j];
        if (a === undefined || b === undefined) continue;
        const partial = recorder.mul(a, b);
        if (entry.times > 0) total = plus(recorder, total, partial);
        else total = recorder.sub(total ?? recorder.constant(0n, true), partial);
      }
      return total;
    };
  });
}

function operand(recorder: Recorder, terms: Operand): Value[] {
  return Array.from({ length: LIMBS }, (_, limb) => {
    const [first, second] = terms;
    const value = recorder.load((first ?? '').slice(1), limb);
    if (second === undefined) return value;
    const other = recorder.load(second.slice(1), limb);
    return second.startsWith('-') ? recorder.sub(value, other) : recorder.add(value, other);
  });
}

/** Montgomery reduction, column by column: returns the nine upper columns. */
function reduce(recorder: Recorder, parts: ((k: number, sum: Sum) => Sum)[]): Sum[] {
  const quotients: Value[] = [];
  const upper: Sum[] = [];
  let carry: Sum;
  for (let k = 0; k < 2 * LIMBS; k += 1) {
    let sum = carry;
    carry = undefined;
    for (const part of parts) sum = part(k, sum);
    sum = addQuotients(recorder, sum, quotients, k);
    if (k < LIMBS && sum !== undefined) {
      quotients.push(recorder.mask(sum));
      carry = recorder.shr(sum, 29);
    } else {
      upper.push(sum);
    }
  }
  return upper;
}

// q·p without its lowest term, which cancels the limb: + 2^64, − 2^96, − 2^224, + 2^256.
const QUOTIENT_TERMS = [
  { distance: 2, bits: 6, positive: true },
  { distance: 3, bits: 9, positive: false },
  { distance: 7, bits: 21, positive: false },
  { distance: 8, bits: 24, positive: true },
] as const;

/** Adds to column k what the quotients of lower columns give it. */
export function addQuotients(
  recorder: Recorder,
  start: Sum,
  quotients: readonly Value[],
  k: number,
): Sum {
  let sum = start;
  for (const { distance, bits, positive } of QUOTIENT_TERMS) {
    const quotient = quotients[k - distance];
    if (quotient === undefined) continue;
    const shifted = recorder.shl(quotient, bits);
    if (positive) sum = plus(recorder, sum, shifted);
    else sum = recorder.sub(sum ?? recorder.constant(0n, true), shifted);
  }
  return sum;
}

function addLinear(recorder: Recorder, sums: readonly Sum[], spec: Spec): Sum[] {
  return sums.map((start, limb) => {
    let sum = start;
    for (const { times, pointer } of spec.linear) {
      const wide = recorder.widen(recorder.load(pointer, limb));
      for (let n = 0; n < Math.abs(times); n += 1) {
        if (times > 0) sum = plus(recorder, sum, wide);
        else sum = recorder.sub(sum ?? recorder.constant(0n, true), wide);
      }
    }
    return sum;
  });
}

/** Carries once through the limbs; with `fold`, takes multiples of 2^256 out of the top as p. */
function finish(recorder: Recorder, sums: readonly Sum[], fold: boolean): void {
  const limbs: Value[] = [];
  let carry: Sum;
  for (const [limb, sum] of sums.entries()) {
    let value = sum;
    if (carry !== undefined) value = plus(recorder, value, carry);
    if (value === undefined) continue;
    limbs.push(limb < LIMBS - 1 ? recorder.mask(value) : value);
    carry = recorder.shr(value, 29);
  }
  const folded = fold ? foldTop(recorder, limbs) : limbs;
  for (const [limb, value] of folded.entries()) recorder.store(value, limb);
}

function foldTop(recorder: Recorder, limbs: readonly Value[]): Value[] {
  const top = limbs[LIMBS - 1];
  if (top === undefined) throw new RangeError('a kernel has nine limbs');
  const q = recorder.shr(top, 24);
  return limbs.map((limb, index) => {
    if (index === 0) return recorder.add(limb, q);
    if (index === 2) return recorder.sub(limb, recorder.shl(q, 6));
    if (index === 3) return recorder.add(limb, recorder.shl(q, 9));
    if (index === 7) return recorder.add(limb, recorder.shl(q, 21));
    return index === LIMBS - 1 ? recorder.maskTop(top, 24) : limb;
  });
}
