// SPDX-License-Identifier: Apache-2.0
// The fast path against others on many cases, random and built to hurt: limbs and scalars at their
// limits, keys that are small multiples of G, digests and coordinates beyond n. 20,000 here, 500,000 with SLOW=1.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { engine, GuomiError, sm2, type EngineName } from '../../guomi/src/index.ts';
import { hexToBytes } from '../../guomi/src/bytes.ts';
import { verifyDigest } from '../../guomi/src/complete.ts';
import { digestJudge, limitCase, LIMIT_KINDS } from './limit-cases.ts';
import { opensslVerify, seededRandom } from './oracles.ts';

const SLOW = process.env['SLOW'] === '1';
const seed = process.env['SEED'] ?? 'differential';

describe('guomi differential', function () {
  this.timeout(SLOW ? 3_600_000 : 300_000);
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

    it(`${name}: agrees with the complete path on scalars, keys, digests and points at their limits`, () => {
      const random = seededRandom(`${seed}/limits/${name}`);
      const total = SLOW ? 50_000 : 2_000;
      const judge = digestJudge(name);
      const seen = new Map<string, number>();
      for (let done = 0; done < total; done += 100) {
        const cases = Array.from({ length: 100 }, (_, index) => limitCase(index, random));
        const expected = cases.map(({ signature, digest, publicKey }) =>
          verifyDigest(signature, digest, publicKey),
        );
        expect(expected).to.deep.equal(cases.map(({ valid }) => valid));
        expect(judge.batch(cases)).to.deep.equal(expected);
        expect(cases.map(judge.single)).to.deep.equal(expected);
        for (const { kind, valid } of cases) {
          const label = `${kind}: ${valid ? 'good' : 'bad'}`;
          seen.set(label, (seen.get(label) ?? 0) + 1);
        }
      }
      for (const kind of LIMIT_KINDS) {
        expect(seen.get(`${kind}: bad`), kind).to.be.greaterThan(total / 50);
        if (kind === 'r + s = n') continue; // never good
        expect(seen.get(`${kind}: good`), kind).to.be.greaterThan(total / 50);
      }
    });
  }

  for (const name of ['complete', 'wasm', 'wasm-simd'] as const) {
    it(`${name}: answers our vectors over digests as they say`, () => {
      const { cases: vectors }: { cases: readonly DigestVector[] } = JSON.parse(
        readFileSync(new URL('../vectors/sm2/digests.json', import.meta.url), 'utf8'),
      );
      expect(vectors.length).to.be.greaterThan(9);
      const items = vectors.map(({ publicKey, digest, signature }) => ({
        publicKey: hexToBytes(publicKey),
        digest: hexToBytes(digest),
        signature: hexToBytes(signature),
      }));
      const expected = vectors.map(({ valid }) => valid);
      if (name === 'complete') {
        const answers = items.map((item) =>
          verifyDigest(item.signature, item.digest, item.publicKey),
        );
        expect(answers).to.deep.equal(expected);
        return;
      }
      const judge = digestJudge(name);
      expect(items.map(judge.single), 'without a table').to.deep.equal(expected);
      expect(items.map(judge.single), 'with a table').to.deep.equal(expected);
      expect(judge.batch(items)).to.deep.equal(expected);
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

type DigestVector = Readonly<
  Record<'rule' | 'publicKey' | 'digest' | 'signature', string> & { valid: boolean }
>;
type Random = (length: number) => Uint8Array;

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
