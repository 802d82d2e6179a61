// SPDX-License-Identifier: Apache-2.0
// The known-answer test and the check after signing, on engines that err.
import { expect } from 'chai';
import { currentEngine, standIn } from '../../guomi/src/current-engine.ts';
import { engine, GuomiError, sm2 } from '../../guomi/src/index.ts';
import { selfTest } from '../../guomi/src/self-test.ts';
import { seededRandom } from './oracles.ts';

const random = seededRandom('self-test');
const pair = sm2.generateKeyPair(random);

describe('guomi engines that err', () => {
  afterEach(() => engine.use());

  it('fails the self-test of an engine that errs, in any of its functions', () => {
    engine.use('wasm');
    const sound = currentEngine();
    expect(selfTest(sound)).to.equal(true);
    const wrong = {
      verify: () => true,
      compress: () => undefined,
      hashEach: (bytes: Uint8Array) => bytes,
      multiply: () => new Uint8Array(64),
      decompress: (key: Uint8Array) => key,
      prepare: (secretKey: Uint8Array) => ({ secretKey, inverse: new Uint8Array(36) }),
    };
    for (const [name, planted] of Object.entries(wrong)) {
      expect(selfTest({ ...sound, [name]: planted }), name).to.equal(false);
    }
    expect(selfTest({ ...sound, verifyBatch: (items) => items.map(() => true) })).to.equal(false);
    expect(selfTest({ ...sound, hash: () => new Uint8Array(32) })).to.equal(false);
    expect(selfTest({ ...sound, publicKeyOf: () => new Uint8Array(65) })).to.equal(false);
    expect(selfTest({ ...sound, signDigests: () => [undefined] })).to.equal(false);
  });

  it('gives out no signature that does not verify', () => {
    engine.use('wasm');
    const sound = currentEngine();
    const faulty = { ...sound, verifyBatch: () => [false] };
    standIn(faulty);
    try {
      expect(() => sm2.sign(random(3), pair.secretKey))
        .to.throw(GuomiError)
        .with.property('code', 'SIGNATURE_UNSAFE');
    } finally {
      engine.use();
    }
  });
});
