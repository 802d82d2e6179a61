// SPDX-License-Identifier: Apache-2.0
// Bits flipped in the module's tables and memory: a signature is refused or right, never given out wrong.
import { expect } from 'chai';
import { engine, GuomiError, sm2, sm3 } from '../../guomi/src/index.ts';
import { createCompleteEngine } from '../../guomi/src/complete-engine.ts';
import { constantBytes, generatorBytes } from '../../guomi/src/wasm/constants.ts';
import { AREA, areaBytes, type AreaName } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { seededRandom } from './oracles.ts';

const TARGETS: readonly AreaName[] = [
  'signTable',
  'baseTable',
  'constants',
  'inverse',
  'secret',
  'temporaries',
];

describe('guomi under faults', () => {
  const current = engine.current;
  afterEach(() => (engine.current = current));

  it('gives out no signature that does not verify', () => {
    const random = seededRandom('faults');
    const exports = instantiate('wasm');
    const faulty = openEngine('wasm', exports);
    const { secretKey, publicKey } = sm2.generateKeyPair(random);
    const judge = createCompleteEngine();
    engine.current = () => faulty;
    const memory = new Uint8Array(exports.memory.buffer);
    const judged = (message: Uint8Array) => (signature: Uint8Array) =>
      judge.verify({ signature, message, publicKey });
    const outcome = { right: 0, refused: 0 };
    for (let round = 0; round < 150; round += 1) {
      const area = TARGETS[round % TARGETS.length] ?? 'signTable';
      const [a = 0, b = 0, c = 0, bit = 0] = random(4);
      const at = AREA[area] + ((a * 65536 + b * 256 + c) % areaBytes(area));
      memory[at] = (memory[at] ?? 0) ^ (1 << (bit & 7));
      const message = random(20);
      outcome[attempt(() => sm2.sign(message, secretKey, { random }), judged(message))] += 1;
      memory.set(constantBytes(), AREA.constants);
      memory.set(generatorBytes(), AREA.key);
      if (round % 10 === 9) exports.start();
    }
    expect(outcome.right).to.be.greaterThan(0);
    expect(outcome.refused).to.be.greaterThan(0);
  });

  it('leaves nothing secret in memory after signing, deriving, decrypting and keyed hashing', () => {
    const exports = instantiate('wasm');
    const clean = openEngine('wasm', exports);
    engine.current = () => clean;
    const random = seededRandom('wiped');
    const { secretKey, publicKey } = sm2.generateKeyPair(random);
    const signer = sm2.createSigner(secretKey, { random });
    signer.signBatch(Array.from({ length: 40 }, () => random(30)));
    const [plaintext, password] = [random(40), random(20)];
    const digestKey = random(50);
    sm2.decrypt(sm2.encrypt(plaintext, publicKey, { random }), secretKey);
    const sealed = sm2.encryptPkcs8(secretKey, password, { random, iterations: 1000 });
    sm2.decryptPkcs8(sealed, password);
    sm3.hmac(digestKey, random(100_000));
    const memory = Buffer.from(exports.memory.buffer);
    expect(memory.indexOf(secretKey)).to.equal(-1);
    expect(memory.indexOf(Buffer.from(secretKey).reverse())).to.equal(-1);
    expect(memory.indexOf(plaintext)).to.equal(-1);
    for (const pad of [0x36, 0x5c]) {
      for (const key of [password, digestKey]) {
        expect(memory.indexOf(key.map((byte) => byte ^ pad))).to.equal(-1);
      }
    }
    for (const area of [
      'output',
      'head',
      'chunk',
      'secret',
      'inverse',
      'nonce',
      'fresh',
      'schedule',
      'hmac',
      'signing',
    ] as const) {
      const left = memory.subarray(AREA[area], AREA[area] + areaBytes(area));
      expect(
        left.every((byte) => byte === 0),
        area,
      ).to.equal(true);
    }
  });
});

/** What a signing under faults came to; a wrong signature or a strange error fails the test. */
function attempt(
  sign: () => Uint8Array,
  isRight: (signature: Uint8Array) => boolean,
): 'right' | 'refused' {
  try {
    expect(isRight(sign())).to.equal(true);
    return 'right';
  } catch (error) {
    if (!(error instanceof GuomiError)) throw error;
    expect(error.code).to.be.oneOf(['SIGNATURE_UNSAFE', 'RANDOM_FAILED']);
    return 'refused';
  }
}
