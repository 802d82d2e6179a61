// SPDX-License-Identifier: Apache-2.0
// Batches as large as the module has room for, and larger: its areas are cut to their size, with the tables of keys
// right behind them.
import { expect } from 'chai';
import { engine, sm2 } from '../../guomi/src/index.ts';
import { BATCH_MAX, SIGN_BATCH_MAX } from '../../guomi/src/wasm/layout.ts';
import { seededRandom } from './oracles.ts';

const random = seededRandom('full');
const pair = sm2.generateKeyPair(random);
const others = Array.from({ length: 9 }, () => signedBy(sm2.generateKeyPair(random)));
const messages = Array.from({ length: 2 * BATCH_MAX + 1 }, () => random(9));

describe('guomi batches as large as its areas', function () {
  this.timeout(60_000);
  afterEach(() => engine.use());

  for (const name of ['wasm', 'wasm-simd'] as const) {
    it(`${name}: finds the one bad signature, and leaves the tables behind it alone`, () => {
      engine.use(name);
      const items = signed(messages.length);
      for (const item of [...others, ...others]) expectGood(item);
      for (const count of [BATCH_MAX - 1, BATCH_MAX, BATCH_MAX + 1, messages.length]) {
        for (const bad of [0, 255, 256, 510, 511, 512, count - 1].filter((n) => n < count)) {
          const some = items.slice(0, count);
          some[bad] = { ...pair, message: random(9), signature: random(64) };
          const wrong = sm2.verifyBatch(some).flatMap((answer, i) => (answer ? [] : [i]));
          expect(wrong, `${bad} of ${count}`).to.deep.equal([bad]);
        }
        for (const item of others) expectGood(item);
      }
    });

    it(`${name}: signs as many at once`, () => {
      engine.use(name);
      for (const count of [SIGN_BATCH_MAX - 1, SIGN_BATCH_MAX, SIGN_BATCH_MAX + 1, BATCH_MAX + 1]) {
        const answers = sm2.verifyBatch(signed(count));
        expect([answers.length, answers.every(Boolean)]).to.deep.equal([count, true]);
      }
    });
  }
});

function signed(count: number) {
  const signer = sm2.createSigner(pair.secretKey, { random });
  const some = messages.slice(0, count);
  const items = signer
    .signBatch(some)
    .map((signature, i) => ({ ...pair, signature, message: some[i] ?? random(1) }));
  signer.close();
  return items;
}

function signedBy(by: Readonly<{ secretKey: Uint8Array; publicKey: Uint8Array }>) {
  const message = random(20);
  return { ...by, message, signature: sm2.sign(message, by.secretKey, { random }) };
}

function expectGood({ signature, message, publicKey }: ReturnType<typeof signedBy>): void {
  expect(sm2.verify(signature, message, publicKey)).to.equal(true);
}
