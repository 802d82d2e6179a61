// SPDX-License-Identifier: Apache-2.0
// Inversion by division steps: the long steps do what they say at their limits, and the compiled
// module gives 1/a modulo p and n for numbers at random and for those built to hurt.
import { expect } from 'chai';
import { stepFieldKernel, stepKernel, stepOrderKernel } from '../../guomi/kernel/inverse.ts';
import { limbsOf, ORDER } from '../../guomi/kernel/order.ts';
import { runKernel } from '../../guomi/kernel/reference.ts';
import type { Kernel } from '../../guomi/kernel/ir.ts';
import { bytesToNumber, numberToBytes32 } from '../../guomi/src/bytes.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import type { ModuleExports } from '../../guomi/src/wasm/exports.ts';
import { AREA } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { seededRandom } from './oracles.ts';

const { p } = CURVE;
const R = 1n << 261n;
const ROUNDS = process.env['SLOW'] === '1' ? 200_000 : 3_000;

describe('guomi inversion', function () {
  this.timeout(600_000);
  const random = seededRandom('inverse');

  it('divides exactly, and modulo p and n, with entries and numbers at their limits', () => {
    const limit = 1n << 29n;
    const rows = [
      [limit, 0n],
      [-limit, 0n],
      [0n, limit],
      [limit / 2n, -limit / 2n],
      [1n - limit, 1n],
      [3n, -5n],
    ];
    for (const [modulus, kernel] of [
      [p, stepFieldKernel()],
      [ORDER, stepOrderKernel()],
    ] as const) {
      for (const m of rows) {
        for (const f of [21n * modulus, -21n * modulus, modulus - 1n, 0n, 1n]) {
          const g = (bytesToNumber(random(32)) % modulus) - (f > 0n ? modulus : 0n);
          const result = value(runRow(kernel, f, g, m));
          const sum = (m[0] ?? 0n) * f + (m[1] ?? 0n) * g;
          expect((result * limit - sum) % modulus).to.equal(0n);
          expect(result * limit >= sum && result * limit < sum + limit * modulus).to.equal(true);
        }
      }
    }
    expect(value(runRow(stepKernel(), -p, p - 2n, [limit / 2n, limit / 2n]))).to.equal(-1n);
  });

  for (const name of ['wasm', 'wasm-simd'] as const) {
    it(`${name}: inverts modulo the order`, () => {
      const exports = instantiate(name);
      openEngine(name, exports);
      const memory = new Uint8Array(exports.memory.buffer);
      for (const number of numbers(ORDER, random)) {
        memory.set(numberToBytes32(number - 1n), AREA.secret);
        exports.prepareSigner();
        const inverse = value(limbsAt(exports.memory, AREA.inverse));
        expect(inverse < ORDER && (inverse * number - R) % ORDER === 0n, `${number}`).to.equal(
          true,
        );
      }
    });

    it(`${name}: inverts in the field, for a Z at random and at its limits`, () => {
      const exports = instantiate(name);
      openEngine(name, exports);
      const one = R % p;
      for (const z of numbers(p, random)) {
        putLimbs(exports.memory, AREA.signing, one);
        putLimbs(exports.memory, AREA.signing + 80, z);
        exports.signInvert(1);
        // With X = R and Z = zR^−1 as numbers: x is R·(R/z)², so x·z² is R³.
        const x = value(limbsAt(exports.memory, AREA.signing));
        expect(mod(x * z * z - R * R * R, p), `${z}`).to.equal(0n);
      }
    });
  }
});

function numbers(modulus: bigint, random: (length: number) => Uint8Array): bigint[] {
  const edges = [1n, 2n, 3n, modulus - 1n, modulus - 2n, (modulus - 1n) / 2n, (modulus + 1n) / 2n];
  for (let bit = 0n; bit < 256n; bit += 1n) {
    edges.push((1n << bit) % modulus, ((1n << 256n) - (1n << bit)) % modulus, modulus >> bit);
  }
  const drawn = Array.from({ length: ROUNDS }, () => bytesToNumber(random(32)) % modulus);
  return [...edges, ...drawn].filter((number) => number % modulus > 0n);
}

function runRow(kernel: Kernel, f: bigint, g: bigint, m: readonly bigint[]): readonly bigint[] {
  const inputs = new Map([
    ['f', signedLimbs(f)],
    ['g', signedLimbs(g)],
    ['m', m],
  ]);
  return runKernel(kernel, inputs);
}

/** Limbs of 29 bits, the sign in the top one. */
function signedLimbs(number: bigint): bigint[] {
  const low = limbsOf(BigInt.asUintN(232, number)).slice(0, 8);
  return [...low, number >> 232n];
}

function limbsAt(memory: ModuleExports['memory'], at: number): bigint[] {
  return [...new Int32Array(memory.buffer, at, 9)].map(BigInt);
}

function putLimbs(memory: ModuleExports['memory'], at: number, number: bigint): void {
  new Int32Array(memory.buffer, at, 9).set(limbsOf(number).map(Number));
}

function value(limbs: readonly bigint[]): bigint {
  return limbs.reduceRight((total, limb) => (total << 29n) + limb, 0n);
}

function mod(number: bigint, modulus: bigint): bigint {
  return ((number % modulus) + modulus) % modulus;
}
