// SPDX-License-Identifier: Apache-2.0
// Valid scalars whose last addition in the fast path meets equal or opposite points: 2^256 − n for multiples of G,
// n − 6 for multiples of a point. Every engine gives what the complete one gives, for these and for the ends of the range.
import { expect } from 'chai';
import { engine, sm2, type EngineName } from '../../guomi/src/index.ts';
import { bytesToHex, bytesToNumber, numberToBytes32 } from '../../guomi/src/bytes.ts';
import { multiply, multiplyBase } from '../../guomi/src/complete.ts';
import { currentEngine } from '../../guomi/src/current-engine.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { AREA } from '../../guomi/src/wasm/layout.ts';
import { seededRandom } from './oracles.ts';

const ENGINES: readonly EngineName[] = ['complete', 'wasm', 'wasm-simd'];
const { n } = CURVE;
const near = (middle: bigint, reach: bigint): bigint[] =>
  Array.from({ length: Number(2n * reach) + 1 }, (_, index) => middle - reach + BigInt(index));
const SCALARS = [
  ...near(2n ** 256n - n, 2n),
  ...near(n - 8n, 6n), // up to n − 2
  ...[1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 31n, 32n, 33n, n / 2n, n / 2n + 1n],
];
const other = sm2.generateKeyPair(seededRandom('edge scalars'));
const message = Uint8Array.of(1, 2, 3);

function draws(random: (length: number) => Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: 14 }, () => random(length));
}

function secretOf(bytes: Uint8Array): bigint {
  return 1n + (bytesToNumber(bytes) % (n - 2n));
}

describe('guomi: scalars where the fast path meets an exceptional addition', () => {
  afterEach(() => engine.use());

  it('the module itself says so: 2^256 − n at derive, n − 6 at multiplyKey', () => {
    for (const name of ['wasm', 'wasm-simd'] as const) {
      const exports = instantiate(name);
      const module = openEngine(name, exports).module;
      if (module === undefined) throw new Error('no module');
      module.write(numberToBytes32(2n ** 256n - n), AREA.secret);
      expect(exports.derive()).to.equal(0);
      // Which factor of n blinds the secret decides about the last digit: one of 32 meets the case.
      const met = Array.from({ length: 64 }, (_, factor) => {
        module.write(Uint8Array.of(factor), AREA.fresh);
        module.write(new Uint8Array(7), AREA.fresh + 1);
        module.write(new Uint8Array(32).fill(3), AREA.fresh + 8);
        module.write(numberToBytes32(n - 6n), AREA.secret);
        module.write(other.publicKey.subarray(1), AREA.key);
        return exports.multiplyKey();
      });
      expect(met.filter((answer) => answer === 0).length).to.equal(2);
    }
  });

  for (const name of ['wasm', 'wasm-simd'] as const) {
    it(`${name}: the blinding changes every coordinate on the way and no product`, () => {
      const exports = instantiate(name);
      const module = openEngine(name, exports).module;
      if (module === undefined) throw new Error('no module');
      const random = seededRandom(`blinding/${name}`);
      const [zero, ones] = [new Uint8Array(8), new Uint8Array(8).fill(255)];
      const factors = [zero, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), ones, ...draws(random, 8)];
      const seen = new Set<string>();
      for (const scalar of [1n, n - 2n, n / 2n, ...draws(random, 32).map(secretOf)]) {
        const expected = bytesToHex(multiply(numberToBytes32(scalar), other.publicKey));
        for (const factor of factors) {
          for (const z of [
            Uint8Array.of(...new Uint8Array(31), 1),
            new Uint8Array(32).fill(255),
            random(32),
          ]) {
            module.write(numberToBytes32(scalar), AREA.secret);
            module.write(other.publicKey.subarray(1), AREA.key);
            module.write(factor, AREA.fresh);
            module.write(z, AREA.fresh + 8);
            if (exports.multiplyKey() === 0) continue; // met at the last digit: the complete path answers
            expect(bytesToHex(module.read(AREA.key, 64))).to.equal(expected);
            seen.add(bytesToHex(module.read(AREA.temporaries + 960, 36)));
          }
        }
      }
      expect(seen.size).to.be.greaterThan(500);
      module.write(numberToBytes32(CURVE.p), AREA.fresh + 8); // Z ≡ 0: no point, said so
      expect(exports.multiplyKey()).to.equal(0);
    }).timeout(60_000);
  }

  for (const name of ['wasm', 'wasm-simd'] as const) {
    it(`${name}: multiplies in the module also where the platform's generator gives zeros`, () => {
      const exports = instantiate(name);
      const answers = new Set<number>();
      const watched = openEngine(name, {
        ...exports,
        multiplyKey: () => {
          const answer = exports.multiplyKey();
          answers.add(answer);
          return answer;
        },
      });
      const d = numberToBytes32(n / 3n);
      const expected = bytesToHex(multiply(d, other.publicKey));
      const zeros = (array: Uint8Array) => array.fill(0);
      const { crypto } = globalThis;
      Object.defineProperty(crypto, 'getRandomValues', { value: zeros, configurable: true });
      try {
        // More than what was drawn before lasts for.
        for (let round = 0; round < 150; round += 1) {
          expect(bytesToHex(watched.multiply(d, other.publicKey))).to.equal(expected);
        }
      } finally {
        Reflect.deleteProperty(crypto, 'getRandomValues');
      }
      expect([...answers]).to.deep.equal([1]);
      for (let round = 0; round < 150; round += 1) watched.multiply(d, other.publicKey);
    }).timeout(60_000);
  }

  for (const name of ENGINES) {
    it(`${name}: public keys, containers and products are those of the complete path`, () => {
      engine.use(name);
      for (const scalar of SCALARS) {
        const d = numberToBytes32(scalar);
        const publicKey = multiplyBase(d);
        const where = bytesToHex(d);
        expect(sm2.publicKeyOf(d), where).to.deep.equal(publicKey);
        expect(sm2.decodePkcs8(sm2.encodePkcs8(d)), where).to.deep.equal({
          secretKey: d,
          publicKey,
        });
        expect(currentEngine().multiply(d, other.publicKey), where).to.deep.equal(
          multiply(d, other.publicKey),
        );
      }
    }).timeout(60_000);

    it(`${name}: encrypts with such a nonce and decrypts with such a key`, () => {
      engine.use(name);
      for (const scalar of [2n ** 256n - n, n - 6n, 1n, 2n, n - 2n]) {
        const d = numberToBytes32(scalar);
        const random = (): Uint8Array => Uint8Array.from(d);
        const sealed = sm2.encrypt(message, other.publicKey, { random });
        engine.use('complete');
        expect(sm2.encrypt(message, other.publicKey, { random })).to.deep.equal(sealed);
        expect(sm2.decrypt(sealed, other.secretKey)).to.deep.equal(message);
        const toEdge = sm2.encrypt(message, multiplyBase(d));
        engine.use(name);
        expect(sm2.decrypt(sealed, other.secretKey)).to.deep.equal(message);
        expect(sm2.decrypt(toEdge, d)).to.deep.equal(message);
        const signature = sm2.sign(message, d);
        expect(sm2.verify(signature, message, multiplyBase(d))).to.equal(true);
      }
    }).timeout(60_000);
  }
});
