// SPDX-License-Identifier: Apache-2.0
// What calls leave in the module's memory: nothing secret, whether they were done, refused, or trapped on the way.
import { expect } from 'chai';
import { engine, GuomiError, sm2, sm3, sm4 } from '../../guomi/src/index.ts';
import { standIn } from '../../guomi/src/current-engine.ts';
import type { ModuleExports } from '../../guomi/src/wasm/exports.ts';
import { AREA, areaBytes, BATCH_LEAST } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { seededRandom } from './oracles.ts';

/** What a trap throws; Node's types know nothing of WebAssembly. */
const { RuntimeError } = (
  globalThis as unknown as { readonly WebAssembly: { readonly RuntimeError: ErrorConstructor } }
).WebAssembly;
const SECRET_AREAS = [
  'secret',
  'inverse',
  'nonce',
  'fresh',
  'schedule',
  'hmac',
  'signing',
  'state',
  'temporaries',
  'slices',
  'prepared',
] as const;

describe('guomi: what is left in memory', function () {
  this.timeout(60_000);
  afterEach(() => engine.use());

  it('leaves nothing secret in memory after calls that are refused or trap', () => {
    for (const name of ['wasm', 'wasm-simd'] as const) {
      const sound = instantiate(name);
      let trap: keyof ModuleExports | undefined;
      const exports = trapping(sound, (step) => step === trap);
      const failing = openEngine(name, exports);
      standIn(failing);
      const random = seededRandom('refused');
      const { secretKey, publicKey } = sm2.generateKeyPair(random);
      const signer = sm2.createSigner(secretKey, { random });
      const sealed = sm2.encrypt(random(40), publicKey, { random });
      const container = sm2.encryptPkcs8(secretKey, random(9), { random, iterations: 10 });
      const [key, iv] = [random(16), random(12)];
      const altered = sm4.gcmEncrypt(key, iv, random(50)).map((byte, at) => (at ? byte : byte ^ 1));
      const stranger = sm2.generateKeyPair(random).secretKey;
      const refused: readonly (readonly [string, () => unknown])[] = [
        ['AUTHENTICATION_FAILED', () => sm2.decrypt(sealed, stranger)],
        ['CIPHERTEXT_MALFORMED', () => sm2.decrypt(sealed.subarray(1), secretKey)],
        ['PASSWORD_WRONG', () => sm2.decryptPkcs8(container, random(9))],
        ['AUTHENTICATION_FAILED', () => sm4.gcmDecrypt(key, iv, altered)],
      ];
      for (const [code, call] of refused) {
        expect(call).to.throw(GuomiError).with.property('code', code);
        expectClean(sound, secretKey, code);
      }
      const trapped: readonly (readonly [keyof ModuleExports, () => unknown])[] = [
        ['derive', () => sm2.publicKeyOf(secretKey)],
        ['prepareSigner', () => sm2.createSigner(secretKey)],
        ['makeNonce', () => signer.sign(random(4))],
        ['signPoint', () => signer.sign(random(4))],
        ['signInvert', () => signer.signBatch([random(4), random(5), random(6)])],
        ['signFinish', () => signer.signBatch([random(4), random(5), random(6)])],
        ['multiplyKey', () => sm2.decrypt(sealed, secretKey)],
        ['sm3At', () => sm2.decrypt(sealed, secretKey)],
        ['sm4Ctr', () => sm4.ctr(key, key, random(200))],
        ['sm4Blocks', () => sm2.decryptPkcs8(container, random(9))],
        ['gcmKey', () => sm4.createGcmKey(key)],
        ['gcm', () => sm4.gcmEncrypt(key, iv, random(200))],
        ['sm4Load', () => sm4.gcmEncrypt(key, iv, random(70_000))],
        ['ghash', () => sm4.gcmEncrypt(key, iv, random(70_000))],
      ];
      for (const [step, call] of trapped) {
        trap = step;
        expect(call, step).to.throw(GuomiError).with.property('code', 'ENGINE_FAILED');
        trap = undefined;
        expectClean(sound, secretKey, `${name}: trap in ${step}`);
      }
      const messages = Array.from({ length: BATCH_LEAST }, () => random(4));
      for (const [step, some] of [
        ['verify', messages.slice(0, 1)],
        ['batchRun', messages],
      ] as const) {
        trap = step;
        const sign = () => signer.signBatch(some);
        expect(sign, step).to.throw(GuomiError).with.property('code', 'SIGNATURE_UNSAFE');
        trap = undefined;
        expectNoKey(
          Buffer.from(sound.memory.buffer),
          secretKey,
          `${name}: trap in ${step} after signing`,
        );
      }
    }
  });

  it('leaves nothing secret in memory after signing, deriving, decrypting and keyed hashing', () => {
    const exports = instantiate('wasm');
    const clean = openEngine('wasm', exports);
    standIn(clean);
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
    for (const area of ['output', 'head', 'chunk', ...SECRET_AREAS] as const) {
      const left = memory.subarray(AREA[area], AREA[area] + areaBytes(area));
      expect(
        left.every((byte) => byte === 0),
        area,
      ).to.equal(true);
    }
  });
});

/** The same functions; one for which `isTrap` says so does its work and traps at its end. */
function trapping(exports: ModuleExports, isTrap: (name: string) => boolean): ModuleExports {
  const steps = Object.entries(exports).map(([name, step]: [string, unknown]) => {
    if (typeof step !== 'function') return [name, step] as const;
    const call = (...args: unknown[]): unknown => {
      const answer: unknown = Reflect.apply(step, undefined, args);
      if (isTrap(name)) throw new RuntimeError('a planted trap');
      return answer;
    };
    return [name, call] as const;
  });
  return { ...exports, ...Object.fromEntries(steps) };
}

function expectClean(
  { memory }: Pick<ModuleExports, 'memory'>,
  secretKey: Uint8Array,
  what: string,
): void {
  const bytes = Buffer.from(memory.buffer);
  for (const area of SECRET_AREAS) {
    const left = bytes.subarray(AREA[area], AREA[area] + areaBytes(area));
    expect(
      left.every((byte) => byte === 0),
      `${what}: ${area}`,
    ).to.equal(true);
  }
  expectNoKey(bytes, secretKey, what);
}

/** Verifying leaves numbers of signatures, which are public, where signing has been. */
function expectNoKey(bytes: Buffer, secretKey: Uint8Array, what: string): void {
  expect(bytes.indexOf(secretKey), what).to.equal(-1);
  expect(bytes.indexOf(Buffer.from(secretKey).reverse()), what).to.equal(-1);
}
