// SPDX-License-Identifier: Apache-2.0
// Every entry of G's tables and of a key's, as the module made them, beside @noble/curves.
import { expect } from 'chai';
import { bytesToNumber } from '../../guomi/src/bytes.ts';
import { CURVE, pointOf, sm2Group, tested } from '../../guomi/src/curve.ts';
import { sm2 } from '../../guomi/src/index.ts';
import type { Group, Point } from '../../guomi/src/curve.ts';
import { AREA, BASE_COMB, COLUMNS, HEAP, KEY_COMB } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { seededRandom } from './oracles.ts';

const random = seededRandom('comb');
const R_INVERSE = sm2Group().Fp.inv((1n << 261n) % CURVE.p);

describe('guomi tables of multiples', function () {
  this.timeout(120_000);
  const exports = instantiate('wasm');
  const { verify } = openEngine('wasm', exports);

  /** The affine coordinates of an entry: two elements of nine limbs in Montgomery form. */
  const entryAt = (address: number): readonly [bigint, bigint] => {
    const limbs = new Int32Array(exports.memory.buffer, address, 18);
    const number = (from: number) => {
      let value = 0n;
      for (let limb = 8; limb >= 0; limb -= 1)
        value = (value << 29n) + BigInt(limbs[from + limb] ?? 0);
      return sm2Group().Fp.mul(sm2Group().Fp.create(value), R_INVERSE);
    };
    return [number(0), number(9)];
  };
  const expectEntry = (address: number, point: Point, which: string): void => {
    const { x, y } = point.toAffine();
    expect(entryAt(address), which).to.deep.equal([x, y]);
  };
  /** Entry i of table j: the top tooth, and every other one with the sign that its bit of i says. */
  const expectComb = (
    address: number,
    base: Point,
    { teeth, tables }: Readonly<{ teeth: number; tables: number }>,
  ): void => {
    const tooth = (j: number, k: number): Point =>
      base.multiply(2n ** BigInt(COLUMNS * (k * tables + j)));
    for (let j = 0; j < tables; j += 1) {
      const bases = Array.from({ length: teeth }, (_, k) => tooth(j, k));
      let rest = bases[teeth - 1] ?? base;
      for (const each of bases.slice(0, -1)) rest = rest.subtract(each);
      const half = 2 ** (teeth - 1);
      const points = [rest];
      for (let i = 1; i < half; i += 1) {
        const lowest = Math.log2(i & -i);
        points.push((points[i & (i - 1)] ?? rest).add((bases[lowest] ?? base).double()));
      }
      for (const [i, point] of points.entries()) {
        expectEntry(address + 72 * (half * j + i), point, `entry ${i} of table ${j}`);
      }
    }
  };

  it('holds the comb of G', () => {
    expectComb(AREA.baseTable, sm2Group().BASE, BASE_COMB);
  });

  it('holds the windows of G for signing: (2j + 1)·2^(5i)·G', () => {
    for (let i = 0; i < 52; i += 1) {
      const base = sm2Group().BASE.multiply(2n ** BigInt(5 * i));
      const odd = [base];
      for (let j = 1; j < 16; j += 1) odd.push((odd[j - 1] ?? base).add(base.double()));
      for (const [j, point] of odd.entries()) {
        expectEntry(AREA.signTable + 1152 * i + 72 * j, point, `entry ${j} of window ${i}`);
      }
    }
  });

  it('makes the comb of a key on second sight, of one that is a small multiple of G too', () => {
    const keys = [random(32), Uint8Array.of(...new Uint8Array(31), 2)];
    for (const [made, secretKey] of keys.entries()) {
      const publicKey = sm2.publicKeyOf(secretKey);
      const message = random(10);
      const item = { signature: sm2.sign(message, secretKey, { random }), message, publicKey };
      for (let times = 0; times < 2; times += 1) expect(verify(item)).to.equal(true);
      const slot = HEAP + made * (96 + 72 * KEY_COMB.tables * 2 ** (KEY_COMB.teeth - 1));
      const point = pointOf(publicKey);
      expect(exports.cachedKeys()).to.equal(made + 1);
      expect(bytesToNumber(new Uint8Array(exports.memory.buffer, slot, 32))).to.equal(point?.x);
      if (point !== undefined) expectComb(slot + 96, point, KEY_COMB);
    }
  });

  it('SELF_TEST_FAILED: the complete path whose arithmetic is not that of the curve', () => {
    const wrong = {
      BASE: { multiply: () => sm2Group().BASE, negate: () => sm2Group().BASE.negate() },
    };
    expect(() => tested(wrong as unknown as Group))
      .to.throw()
      .with.property('code', 'SELF_TEST_FAILED');
  });
});
