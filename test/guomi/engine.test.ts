// SPDX-License-Identifier: Apache-2.0
// Every engine gives the same bytes and the same answers; bad input leaves nothing behind.
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { engine, GuomiError, sm2, sm3, sm4, type EngineName } from '../../guomi/src/index.ts';
import { concatBytes } from '../../guomi/src/bytes.ts';
import { currentEngine, standIn } from '../../guomi/src/current-engine.ts';
import { opensslSm3, opensslVerify, seededRandom } from './oracles.ts';

const ENGINES: readonly EngineName[] = ['complete', 'wasm', 'wasm-simd'];
const random = seededRandom('engines');
const pairs = Array.from({ length: 9 }, () => sm2.generateKeyPair(random));
const cases = Array.from({ length: 60 }, (_, index) => {
  const pair = pairs[index % pairs.length] ?? sm2.generateKeyPair(random);
  const message = random(index * 5);
  return { ...pair, message, signature: sm2.sign(message, pair.secretKey, { random }) };
});

describe('guomi engines', () => {
  afterEach(() => engine.use());

  for (const name of ENGINES) {
    describe(name, () => {
      beforeEach(() => engine.use(name));

      it('tells its name', () => expect(engine.name).to.equal(name));

      it('verifies what others signed, one at a time and in batches of any size', () => {
        for (const item of cases)
          expect(sm2.verify(item.signature, item.message, item.publicKey)).to.equal(true);
        for (const count of [0, 1, 2, 5, 6, 7, 59, 60]) {
          expect(sm2.verifyBatch(cases.slice(0, count))).to.deep.equal(Array(count).fill(true));
        }
      });

      it('finds the one bad signature of a batch at every position', () => {
        const size = name === 'complete' ? 6 : 24;
        for (let position = 0; position < size; position += 1) {
          const items = cases.slice(0, size).map((item, index) => {
            const signature = Uint8Array.from(item.signature);
            if (index === position)
              signature[63 - (position % 64)] = (signature[63 - (position % 64)] ?? 0) ^ 4;
            return { ...item, signature };
          });
          const expected = items.map((_, index) => index !== position);
          expect(sm2.verifyBatch(items)).to.deep.equal(expected);
        }
      });

      it('signs what OpenSSL accepts, alone and in a batch', () => {
        const [pair] = pairs;
        if (pair === undefined) throw new Error('no pair');
        const signer = sm2.createSigner(pair.secretKey, { random });
        const messages = cases.slice(0, 12).map((item) => item.message);
        expect(signer.publicKey).to.deep.equal(pair.publicKey);
        for (const [index, signature] of signer.signBatch(messages).entries()) {
          expect(opensslVerify(signature, messages[index] ?? random(1), pair.publicKey)).to.equal(
            true,
          );
        }
        signer.close();
        expect(() => signer.sign(random(1)))
          .to.throw(GuomiError)
          .with.property('code', 'SIGNER_CLOSED');
      });

      it('answers the same after garbage as before', () => {
        const [item] = cases;
        if (item === undefined) throw new Error('no case');
        const { signature, message, publicKey } = item;
        for (const junk of [new Uint8Array(64), new Uint8Array(64).fill(255), random(64)]) {
          expect(sm2.verify(junk, message, publicKey)).to.equal(false);
          const offCurve = Uint8Array.from(publicKey);
          offCurve[40] = (offCurve[40] ?? 0) ^ 1;
          expect(sm2.verify(signature, message, offCurve)).to.equal(false);
          expect(sm2.verify(signature, message, junk)).to.equal(false);
          expect(sm2.verify(signature, message, publicKey)).to.equal(true);
        }
      });

      it('does with secrets the same after calls that were refused as before', () => {
        const [pair] = pairs;
        if (pair === undefined) throw new Error('no pair');
        const [message, key, iv] = [random(30), random(16), random(12)];
        const sealed = sm2.encrypt(message, pair.publicKey);
        const box = sm4.gcmEncrypt(key, iv, message);
        const long = { userId: new Uint8Array(9000) };
        const item = { signature: random(64), message, publicKey: pair.publicKey };
        const refused: readonly (readonly [string, () => unknown])[] = [
          ['AUTHENTICATION_FAILED', () => sm2.decrypt(sealed, random(32))],
          ['CIPHERTEXT_MALFORMED', () => sm2.decrypt(random(120), pair.secretKey)],
          ['AUTHENTICATION_FAILED', () => sm4.gcmDecrypt(key, iv, random(60))],
          ['PKCS8_MALFORMED', () => sm2.decodePkcs8(random(138))],
          ['USER_ID_TOO_LONG', () => sm2.verifyBatch([item, { ...item, ...long }])],
          ['USER_ID_TOO_LONG', () => sm2.sign(message, pair.secretKey, long)],
          [
            'RANDOM_FAILED',
            () => sm2.sign(message, pair.secretKey, { random: (n) => new Uint8Array(n) }),
          ],
        ];
        const signed = sm2.sign(message, pair.secretKey, { deterministic: true });
        for (const [code, call] of refused) {
          expect(call).to.throw(GuomiError).with.property('code', code);
          expect(sm2.decrypt(sealed, pair.secretKey), code).to.deep.equal(message);
          expect(sm4.gcmDecrypt(key, iv, box), code).to.deep.equal(message);
          expect(sm2.sign(message, pair.secretKey, { deterministic: true }), code).to.deep.equal(
            signed,
          );
          expect(sm2.verify(signed, message, pair.publicKey), code).to.equal(true);
        }
      });

      it('goes by the ID that was agreed, whatever is written over the exported one', () => {
        const [pair] = pairs;
        if (pair === undefined) throw new Error('no pair');
        const exported = sm2.DEFAULT_USER_ID as Uint8Array;
        const agreed = Uint8Array.from(exported);
        const message = random(20);
        try {
          exported.fill(0);
          const signature = sm2.sign(message, pair.secretKey);
          expect(sm2.verify(signature, message, pair.publicKey)).to.equal(true);
          const options = { userId: agreed };
          expect(sm2.verify(signature, message, pair.publicKey, options)).to.equal(true);
        } finally {
          exported.set(agreed);
        }
      });

      it('takes messages longer than the module reads at once, and user IDs', () => {
        const message = random(200_000);
        const userId = random(33);
        const [pair] = pairs;
        if (pair === undefined) throw new Error('no pair');
        for (const options of [{}, { userId }]) {
          const signature = sm2.sign(message, pair.secretKey, options);
          expect(sm2.verify(signature, message, pair.publicKey, options)).to.equal(true);
          expect(opensslVerify(signature, message, pair.publicKey, options.userId)).to.equal(true);
          const batch = Array.from({ length: 8 }, () => ({
            signature,
            message,
            publicKey: pair.publicKey,
            ...options,
          }));
          expect(sm2.verifyBatch(batch)).to.deep.equal(Array(8).fill(true));
        }
        expect(sm3.hash(message)).to.deep.equal(opensslSm3(message));
      });

      it('makes Merkle roots in the shape of RFC 6962', () => {
        for (const count of [1, 2, 3, 4, 5, 7, 8, 13, 64, 100]) {
          const leaves = random(32 * count);
          expect(sm3.merkleRoot(leaves, { leafPrefix: 0 })).to.deep.equal(reference(leaves));
        }
        // More nodes than a call has room for arguments.
        const many = new Uint8Array(32 * 2 ** 18).map((_, at) => at * 31);
        expect(sm3.merkleRoot(many)).to.deep.equal(rootOfMany(many));
        for (const prefixes of [
          { leafPrefix: 256 },
          { leafPrefix: -1 },
          { leafPrefix: 0.5 },
          { nodePrefix: NaN },
          { leafPrefix: 1 },
          { leafPrefix: 7, nodePrefix: 7 },
        ]) {
          expect(() => sm3.merkleRoot(random(64), prefixes))
            .to.throw(GuomiError)
            .with.property('code', 'PREFIX_INVALID');
        }
        for (const length of [0, 31, 33]) {
          expect(() => sm3.merkleRoot(random(length)))
            .to.throw(GuomiError)
            .with.property('code', 'LEAVES_MALFORMED');
        }
      });
    });
  }

  it('signs deterministically to the same bytes on every engine', () => {
    const [pair] = pairs;
    if (pair === undefined) throw new Error('no pair');
    for (const message of [random(0), random(1), random(64), random(70_000)]) {
      const made = ENGINES.map((name) => {
        engine.use(name);
        const signature = sm2.sign(message, pair.secretKey, { deterministic: true });
        return Buffer.from(signature).toString('hex');
      });
      expect(new Set(made).size).to.equal(1);
    }
  });

  it('keeps a signer right when the caller changes the public key or the options afterwards', () => {
    const [pair] = pairs;
    if (pair === undefined) throw new Error('no pair');
    const userId = random(8);
    const options = { deterministic: true, userId };
    const signer = sm2.createSigner(pair.secretKey, options);
    const message = random(10);
    const before = signer.sign(message);
    signer.publicKey.fill(0);
    userId.fill(0);
    Object.assign(options, { deterministic: false, userId: random(8), verifyAfterSign: false });
    expect(signer.sign(message)).to.deep.equal(before);
    signer.close();
  });

  it('keeps a signer right when the engine changes under it', () => {
    const [pair] = pairs;
    if (pair === undefined) throw new Error('no pair');
    engine.use('complete');
    const signer = sm2.createSigner(pair.secretKey, { deterministic: true });
    const message = random(10);
    const made = [...ENGINES, 'complete' as const].map((name) => {
      engine.use(name);
      return Buffer.from(signer.sign(message)).toString('hex');
    });
    expect(new Set(made).size).to.equal(1);
    signer.close();
    expect(() => signer.sign(message))
      .to.throw(GuomiError)
      .with.property('code', 'SIGNER_CLOSED');
  });

  it('keeps a signer right when the engine it changes to could not prepare its key', () => {
    const [pair] = pairs;
    if (pair === undefined) throw new Error('no pair');
    const options = { deterministic: true, verifyAfterSign: false };
    const signer = sm2.createSigner(pair.secretKey, options);
    const message = random(10);
    const before = signer.sign(message);
    let failures = 1;
    const sound = currentEngine();
    standIn({
      ...sound,
      prepare(secretKey) {
        if (failures > 0) throw new GuomiError('ENGINE_FAILED', `planted ${failures--}`);
        return sound.prepare(secretKey);
      },
    });
    expect(() => signer.sign(message))
      .to.throw(GuomiError)
      .with.property('code', 'ENGINE_FAILED');
    expect(signer.sign(message)).to.deep.equal(before);
    signer.close();
  });

  for (const [flag, expected] of [
    ['--no-enable-ssse3', 'wasm'], // V8 gives SIMD only to processors with SSSE3
    ['--jitless', 'complete'], // and WebAssembly only to its compilers
  ] as const) {
    it(`takes ${expected} by itself in a process with ${flag}`, function () {
      if (process.arch !== 'x64') this.skip();
      const index = new URL('../../guomi/src/index.ts', import.meta.url).href;
      const script = `
        const { engine, sm2, sm3 } = await import('${index}');
        const { secretKey, publicKey } = sm2.generateKeyPair();
        const message = sm3.hash(publicKey);
        const items = Array(8).fill({ signature: sm2.sign(message, secretKey), message, publicKey });
        console.log(engine.name, sm2.verifyBatch(items).join());`;
      const argv = [flag, '--import', 'tsx', '--input-type=module', '--eval', script];
      const said = execFileSync(process.execPath, argv, { encoding: 'utf8', stdio: 'pipe' });
      expect(said.trim()).to.equal(`${expected} ${Array(8).fill('true').join()}`);
    }).timeout(120_000);
  }
});

/** The root of 2^n leaves that are hashes already, level by level. */
function rootOfMany(leaves: Uint8Array): Uint8Array {
  let level = leaves;
  while (level.length > 32) {
    const next = new Uint8Array(level.length / 2);
    for (let at = 0; at < next.length; at += 32) {
      next.set(opensslSm3(concatBytes(Uint8Array.of(1), level.subarray(2 * at, 2 * at + 64))), at);
    }
    level = next;
  }
  return level;
}

function reference(leaves: Uint8Array): Uint8Array {
  if (leaves.length === 32) return opensslSm3(Uint8Array.of(0, ...leaves));
  let split = 1;
  while (2 * split < leaves.length / 32) split *= 2;
  const left = reference(leaves.subarray(0, 32 * split));
  const right = reference(leaves.subarray(32 * split));
  return opensslSm3(Uint8Array.of(1, ...left, ...right));
}
