// SPDX-License-Identifier: Apache-2.0
// The generator's proofs: no limb overflows, each kernel computes its formula also at the limits of
// its limbs, and the committed modules are what the sources compile to.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { expect } from 'chai';
import {
  elementBox,
  negated,
  orderRange,
  specRanges,
  valueRange,
} from '../../guomi/kernel/bounds.ts';
import { buildModule } from '../../guomi/kernel/build.ts';
import { FIELD_SPECS, fieldKernel, type Operand } from '../../guomi/kernel/field.ts';
import { runIntervals, type Element } from '../../guomi/kernel/interval.ts';
import { limbsOf, ORDER, orderKernel } from '../../guomi/kernel/order.ts';
import { runKernel } from '../../guomi/kernel/reference.ts';
import { emitSboxTypeScript } from '../../guomi/kernel/sm4.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import * as core from '../../guomi/src/wasm/module-core.ts';
import * as simd from '../../guomi/src/wasm/module-simd.ts';
import { limbsIn } from './limbs.ts';
import { seededRandom } from './oracles.ts';

const { p } = CURVE;
const R = 1n << 261n;
const box = elementBox();

describe('guomi kernels', () => {
  it('map the box of stored elements into itself without overflow', () => {
    expect(box).to.have.length(9);
    // What docs/guomi.md says of the box.
    for (const { low, high } of box.slice(0, 8)) {
      expect(low >= -(1n << 23n) && high < (1n << 29n) + (1n << 23n)).to.equal(true);
    }
    const top = box[8];
    expect(top !== undefined && top.low >= -(1n << 21n)).to.equal(true);
    expect(Number(top?.high)).to.be.lessThan(2 ** 24.2);
  });

  it('keep the numbers that the limbs make within (−2^253, 2^256 + 2^253), each of them', () => {
    const ranges = specRanges(box);
    expect([...ranges.keys()]).to.deep.equal(FIELD_SPECS.map(({ name }) => name));
    const [least, most] = [-(1n << 253n), (1n << 256n) + (1n << 253n)];
    for (const [name, { limbs, value: made }] of ranges) {
      expect(made.low > least && made.high < most, `${name}: ${made.low} ${made.high}`).to.equal(
        true,
      );
      for (const [limb, { low, high }] of limbs.entries()) {
        const within = box[limb];
        expect(within !== undefined && within.low <= low && high <= within.high, name).to.equal(
          true,
        );
      }
    }
    // So the box does, and a difference of two is 0 mod p only as −p, 0 or p.
    const whole = valueRange(box);
    expect(whole.low > least && whole.high < most).to.equal(true);
    expect(whole.high - whole.low < 2n * p).to.equal(true);
  });

  it('multiply modulo the order without overflow, whatever signing and inversion hand them', () => {
    for (const [a, b, times] of [
      [1n, 1n, 2n],
      [2n, 1n, 2n],
      [2n, 2n, 2n],
      [44n, 1n, 3n],
    ] as const) {
      const { low, high } = orderRange(a << 24n, b << 24n);
      expect(low >= 0n && high < times * ORDER, `${a} ${b}`).to.equal(true);
    }
    expect(() => orderRange(128n << 24n, 1n << 24n)).to.throw(RangeError, 'overflow');
  });

  it('would overflow with limbs of 30 bits: the proof can fail', () => {
    const wide: Element = box.map(({ low, high }) => ({ low: 2n * low, high: 2n * high }));
    const crossY = FIELD_SPECS.find((spec) => spec.name === 'crossY');
    if (crossY === undefined) throw new Error('no crossY');
    const inputs = new Map(crossY.pointers.map((name) => [name, negated(wide)]));
    expect(() => runIntervals(fieldKernel(crossY), inputs)).to.throw(RangeError, 'overflow');
  });

  it('compute their formulas, limbs at random and at the limits', () => {
    const random = seededRandom('kernels');
    for (const spec of FIELD_SPECS) {
      const kernel = fieldKernel(spec);
      for (let round = 0; round < 60; round += 1) {
        const inputs = new Map(spec.pointers.map((name) => [name, limbsIn(box, random, round)]));
        const output = value(runKernel(kernel, inputs));
        const of = (name: string): bigint => value(inputs.get(name) ?? []);
        let expected = 0n;
        for (const { left, right, times } of spec.products) {
          expected += BigInt(times) * sum(left, of) * sum(right, of);
        }
        expected *= BigInt(spec.scale);
        // Linear terms are not divided by R, so both sides are multiplied by it.
        const linear = spec.linear.reduce(
          (total, { times, pointer }) => total + BigInt(times) * of(pointer),
          0n,
        );
        expect(mod(output * R - expected - linear * R, p), spec.name).to.equal(0n);
      }
    }
  });

  it('multiply modulo the order, below 2n', () => {
    const random = seededRandom('order');
    const kernel = orderKernel();
    const edges = [0n, 1n, ORDER - 1n, ORDER, 2n * ORDER - 1n, (1n << 256n) - 1n];
    for (let round = 0; round < 200; round += 1) {
      const pick = (index: number): bigint =>
        edges[index] ?? BigInt(`0x${Buffer.from(random(32)).toString('hex')}`);
      const [a, b] = [pick(round % 7), pick(Math.floor(round / 7))];
      const output = value(
        runKernel(
          kernel,
          new Map([
            ['a', limbsOf(a)],
            ['b', limbsOf(b)],
          ]),
        ),
      );
      expect(mod(output * R - a * b, ORDER)).to.equal(0n);
      expect(output >= 0n && output < 2n * ORDER).to.equal(true);
    }
  });

  for (const [name, module] of [
    ['core', core],
    ['simd', simd],
  ] as const) {
    it(`${name}: the committed module is what the sources compile to`, async () => {
      const committed = Buffer.from(module.BASE64, 'base64');
      expect(createHash('sha256').update(committed).digest('hex')).to.equal(module.SHA256);
      const built = await buildModule(name);
      expect(createHash('sha256').update(built).digest('hex')).to.equal(module.SHA256);
    }).timeout(120_000);
  }

  it('the committed S-box of the complete path is what the generator derives', () => {
    const path = new URL('../../guomi/src/sm4-sbox.ts', import.meta.url);
    expect(readFileSync(path, 'utf8')).to.equal(emitSboxTypeScript());
  });

  it('fit their budget together: 110 KB, 22 KB compressed', () => {
    const bytes = Buffer.concat([core, simd].map((module) => Buffer.from(module.BASE64, 'base64')));
    expect(bytes.length).to.be.at.most(110_000);
    expect(brotliCompressSync(bytes).length).to.be.at.most(22_000);
  });
});

function value(limbs: readonly bigint[]): bigint {
  return limbs.reduceRight((total, limb) => (total << 29n) + limb, 0n);
}

function sum(operand: Operand, of: (name: string) => bigint): bigint {
  return operand.reduce(
    (total, term) => total + (term.startsWith('-') ? -1n : 1n) * of(term.slice(1)),
    0n,
  );
}

function mod(number: bigint, modulus: bigint): bigint {
  return ((number % modulus) + modulus) % modulus;
}
