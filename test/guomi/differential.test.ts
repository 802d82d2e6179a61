// SPDX-License-Identifier: Apache-2.0
// The fast path against others on many cases, random and built to hurt: limbs and scalars at their
// limits, keys that are small multiples of G, digests beyond n. 20,000 here, 500,000 with SLOW=1.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { engine, GuomiError, sm2, type EngineName } from '../../guomi/src/index.ts';
import { bytesToNumber, concatBytes, hexToBytes, numberToBytes32 } from '../../guomi/src/bytes.ts';
import { verifyDigest } from '../../guomi/src/complete.ts';
import { combine, CURVE, Curve } from '../../guomi/src/curve.ts';
import { AREA } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { opensslVerify, seededRandom } from './oracles.ts';

const SLOW = process.env['SLOW'] === '1';
const { n } = CURVE;
const seed = process.env['SEED'] ?? 'differential';

describe('guomi differential', function () {
  this.timeout(SLOW ? 3_600_000 : 120_000);
  afterEach(() => engine.use());

  for (const name of ['wasm', 'wasm-simd'] as const) {
    it(`${name}: agrees with OpenSSL on signatures, good and altered, in batches`, () => {
      engine.use(name);
      const random = seededRandom(`${seed}/${name}`);
      const pairs = Array.from({ length: 40 }, () => sm2.generateKeyPair(random));
      const total = SLOW ? 200_000 : 8_000;
      for (let done = 0; done < total;) {
        const items = Array.from({ length: 1 + ((random(1)[0] ?? 0) % 200) }, () =>
          altered(pairs, random),
        );
        const answers = sm2.verifyBatch(items);
        for (const [index, { signature, message, publicKey }] of items.entries()) {
          const expected = opensslVerify(signature, message, publicKey);
          expect(answers[index], `${done + index}`).to.equal(expected);
        }
        done += items.length;
      }
    });

    it(`${name}: agrees with the complete path on scalars and keys at their limits`, () => {
      const random = seededRandom(`${seed}/limits/${name}`);
      const total = SLOW ? 50_000 : 2_000;
      const judge = digestJudge(name);
      for (let done = 0; done < total; done += 100) {
        const cases = Array.from({ length: 100 }, () => limitCase(random));
        const expected = cases.map(({ signature, digest, publicKey }) =>
          verifyDigest(signature, digest, publicKey),
        );
        expect(judge.batch(cases)).to.deep.equal(expected);
        expect(cases.map(judge.single)).to.deep.equal(expected);
        expect(expected.filter(Boolean).length).to.be.greaterThan(20);
      }
    });
  }

  it('answers our negative vectors as they say, on every engine', () => {
    const vectors: readonly Readonly<
      Record<'rule' | 'publicKey' | 'message' | 'signature', string> & { valid: boolean }
    >[] = JSON.parse(
      readFileSync(new URL('../vectors/sm2/negative.json', import.meta.url), 'utf8'),
    ).cases;
    expect(vectors.length).to.be.greaterThan(25);
    for (const name of ['complete', 'wasm', 'wasm-simd'] satisfies EngineName[]) {
      engine.use(name);
      const items = vectors.map(({ publicKey, message, signature }) => ({
        publicKey: hexToBytes(publicKey),
        message: hexToBytes(message),
        signature: hexToBytes(signature),
      }));
      const answers = sm2.verifyBatch(items);
      for (const [index, { rule, valid }] of vectors.entries()) {
        const item = items[index];
        expect(answers[index], `${name}: ${rule}`).to.equal(valid);
        if (item !== undefined)
          expect(sm2.verify(item.signature, item.message, item.publicKey), rule).to.equal(valid);
      }
    }
  });

  it('accepts no key that OpenSSL refuses, and no DER but the one it writes', () => {
    const random = seededRandom(`${seed}/der`);
    const pair = sm2.generateKeyPair(random);
    const der = sm2.encodeSignatureDer(sm2.sign(random(9), pair.secretKey, { random }));
    const spki = sm2.encodeSpki(pair.publicKey);
    const rounds = SLOW ? 50_000 : 2_000;
    for (let round = 0; round < rounds; round += 1) {
      const key = mutate(spki, random);
      if (decodes(() => sm2.decodeSpki(key))) {
        expect(() =>
          createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' }),
        ).to.not.throw();
      }
      // What our reader accepts is exactly what our writer writes, and that OpenSSL reads.
      const signature = mutate(der, random);
      if (decodes(() => sm2.decodeSignatureDer(signature))) {
        expect(sm2.encodeSignatureDer(sm2.decodeSignatureDer(signature))).to.deep.equal(signature);
      }
    }
  });
});

type Random = (length: number) => Uint8Array;
type DigestCase = Readonly<{ signature: Uint8Array; digest: Uint8Array; publicKey: Uint8Array }>;

function decodes(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof GuomiError) return false;
    throw error;
  }
}

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const [what = 0, where = 0, value = 0] = random(3);
  const copy = Uint8Array.from(bytes);
  const at = where % copy.length;
  if (what % 4 === 0) return copy.subarray(0, at);
  if (what % 4 === 1) return Uint8Array.of(...copy.subarray(0, at), value, ...copy.subarray(at));
  copy[what % 4 === 2 ? at : at % 30] = value;
  return copy;
}

function altered(pairs: readonly sm2.KeyPair[], random: Random): sm2.VerifyItem {
  const [which = 0, what = 0, where = 0] = random(3);
  const pair = pairs[which % pairs.length] ?? sm2.generateKeyPair(random);
  const message = random(where % 150);
  const signature = sm2.sign(message, pair.secretKey, { random, verifyAfterSign: false });
  if (what < 110) signature[where % 64] = (signature[where % 64] ?? 0) ^ (1 << (what & 7));
  const publicKey = what > 240 ? sm2.generateKeyPair(random).publicKey : pair.publicKey;
  return { signature, message, publicKey };
}

/** A number with long runs of equal bits, or close to 0, to n or to a power of two. */
function edgeScalar(random: Random): bigint {
  const [kind = 0, a = 0, b = 0] = random(3);
  const high = 1n << BigInt(a);
  const low = 1n << BigInt(b);
  const small = BigInt(b % 8);
  const choices = [
    high - low,
    high + small,
    n - 1n - small,
    (n >> 1n) + small,
    small + 1n,
    n - high,
    ((1n << 256n) / 3n) >> small,
    bytesToNumber(random(32)),
  ];
  const value = (choices[kind % choices.length] ?? 1n) % n;
  return value <= 0n ? value + n - 1n : value;
}

const SMALL_KEYS = [
  1n,
  2n,
  3n,
  4n,
  5n,
  7n,
  8n,
  15n,
  16n,
  31n,
  n - 2n,
  n - 3n,
  1n << 11n,
  1n << 22n,
  1n << 44n,
];

function limitCase(random: Random): DigestCase {
  const [kind = 0, which = 0] = random(2);
  const d = SMALL_KEYS[which % (2 * SMALL_KEYS.length)] ?? edgeScalar(random);
  const key = Curve.BASE.multiply(d);
  const [s, t] = [edgeScalar(random), edgeScalar(random)];
  const r = (t - s + n) % n;
  const sum = combine(s, key, t);
  const x = sum.is0() ? 0n : sum.x;
  let e = (r - x + 2n * n) % n;
  if (kind < 60 && e + n < 1n << 256n) e += n;
  if (kind > 150) e = (e + BigInt(kind)) % (1n << 256n);
  const signature = concatBytes(numberToBytes32(r), numberToBytes32(s));
  return { signature, digest: numberToBytes32(e), publicKey: key.toBytes(false) };
}

type Judge = Readonly<{
  single: (item: DigestCase) => boolean;
  batch: (items: readonly DigestCase[]) => boolean[];
}>;

/** The module's own functions over digests; exceptional answers go where the engine sends them. */
function digestJudge(name: 'wasm' | 'wasm-simd'): Judge {
  const exports = instantiate(name);
  const fast = openEngine(name, exports);
  const single = ({ signature, digest, publicKey }: DigestCase): boolean =>
    fast.verifyDigest(signature, digest, publicKey);
  return {
    single,
    batch(items) {
      items.forEach(single); // every key gets its table
      exports.batchStart();
      const states = items.map(({ signature, digest, publicKey }) => {
        const memory = new Uint8Array(exports.memory.buffer);
        memory.set(signature, AREA.signature);
        memory.set(publicKey.subarray(1), AREA.key);
        memory.set(digest, AREA.digest);
        return exports.batchAdd(-1);
      });
      exports.batchRun(exports.batchEnd());
      let waiting = 0;
      return items.map((item, index) => {
        const state = states[index] === 3 ? exports.batchAnswer(waiting++) : states[index];
        return state === 2
          ? verifyDigest(item.signature, item.digest, item.publicKey)
          : state === 1;
      });
    },
  };
}
