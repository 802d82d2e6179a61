// SPDX-License-Identifier: Apache-2.0
import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { emitSbox, sboxOf } from '../../guomi/kernel/sm4.ts';
import { engine, GuomiError, sm4, type EngineName } from '../../guomi/src/index.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { currentCipher } from '../../guomi/src/cipher.ts';
import { seededRandom, smCryptoGcm } from './oracles.ts';

const ENGINES: readonly EngineName[] = ['complete', 'wasm', 'wasm-simd'];
const vectors: Readonly<Record<'block' | 'gcm', Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL('../vectors/sm2/sm4.json', import.meta.url), 'utf8'),
);
const block = (name: string): Uint8Array => hexToBytes(vectors.block[name] ?? '');
const gcm = (name: string): Uint8Array => hexToBytes(vectors.gcm[name] ?? '');

describe('guomi sm4', () => {
  afterEach(() => engine.use());

  it('has an S-box circuit that computes the S-box', () => {
    const lines = emitSbox('const', (name) => `1 ^ ${name}`);
    const body = `${lines.join('\n')}\nreturn s0|s1<<1|s2<<2|s3<<3|s4<<4|s5<<5|s6<<6|s7<<7;`;
    const names = [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => `x${bit}`);
    const circuit: unknown = Reflect.construct(Function, [...names, body]);
    if (typeof circuit !== 'function') throw new TypeError('no circuit');
    for (let x = 0; x < 256; x += 1) {
      const bits = names.map((_, bit) => (x >> bit) & 1);
      expect(Reflect.apply(circuit, undefined, bits)).to.equal(sboxOf(x));
    }
    expect([0, 1, 2, 3].map(sboxOf)).to.deep.equal([0xd6, 0x90, 0xe9, 0xfe]);
  });

  for (const name of ENGINES) {
    describe(name, () => {
      beforeEach(() => engine.use(name));

      it('gives the block of GB/T 32907 Annex A, once and many times', () => {
        const { sm4Blocks } = currentCipher();
        expect(sm4Blocks(block('key'), block('plaintext'), 'encrypt')).to.deep.equal(
          block('ciphertext'),
        );
        expect(sm4Blocks(block('key'), block('ciphertext'), 'decrypt')).to.deep.equal(
          block('plaintext'),
        );
        let text = block('plaintext');
        const rounds = process.env['SLOW'] === '1' && name !== 'complete' ? 1_000_000 : 1000;
        for (let round = 0; round < rounds; round += 1)
          text = sm4Blocks(block('key'), text, 'encrypt');
        const expected = vectors.block[rounds === 1000 ? 'after1000' : 'after1000000'];
        expect(bytesToHex(text)).to.equal(expected);
      });

      it('gives the GCM vector of RFC 8998 and refuses every altered bit of it', () => {
        const sealed = sm4.gcmEncrypt(gcm('key'), gcm('iv'), gcm('plaintext'), gcm('additional'));
        expect(bytesToHex(sealed)).to.equal(`${vectors.gcm['ciphertext']}${vectors.gcm['tag']}`);
        expect(sm4.gcmDecrypt(gcm('key'), gcm('iv'), sealed, gcm('additional'))).to.deep.equal(
          gcm('plaintext'),
        );
        for (let bit = 0; bit < 8 * sealed.length; bit += 7) {
          const altered = Uint8Array.from(sealed);
          altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(() => sm4.gcmDecrypt(gcm('key'), gcm('iv'), altered, gcm('additional')))
            .to.throw(GuomiError)
            .with.property('code', 'AUTHENTICATION_FAILED');
        }
        for (const short of [0, 15]) {
          expect(() => sm4.gcmDecrypt(gcm('key'), gcm('iv'), sealed.subarray(0, short)))
            .to.throw(GuomiError)
            .with.property('code', 'AUTHENTICATION_FAILED');
        }
      });

      it('agrees with OpenSSL in counter mode at every length, also where the counter overflows', () => {
        const random = seededRandom('ctr');
        const lengths =
          name === 'complete' ? [0, 1, 16, 130] : [0, 1, 15, 16, 17, 255, 256, 257, 70_000];
        for (const length of lengths) {
          const key = random(16);
          const text = random(length);
          for (const full of [0, 4, 8, 15, 16]) {
            const counter = Uint8Array.from(random(16)).fill(0xff, 16 - full);
            const cipher = createCipheriv('sm4-ctr', key, counter);
            expect(sm4.ctr(key, counter, text)).to.deep.equal(
              Uint8Array.from(Buffer.concat([cipher.update(text), cipher.final()])),
            );
          }
        }
      });

      it('gives the same sealed bytes as the complete path at every length around a block', () => {
        const random = seededRandom('gcm');
        for (let length = 0; length < 50; length += 1) {
          const [key, iv, text, additional] = [
            random(16),
            random(12),
            random(length),
            random(length % 37),
          ];
          const sealed = sm4.gcmEncrypt(key, iv, text, additional);
          engine.use('complete');
          expect(sm4.gcmDecrypt(key, iv, sealed, additional)).to.deep.equal(text);
          engine.use(name);
        }
      });

      it('seals as sm-crypto-v2 does, texts and additional bytes of any length', () => {
        const random = seededRandom('sm-crypto-v2');
        const lengthBelow = (bound: number): number =>
          new DataView(random(4).buffer).getUint32(0) % bound;
        const rounds = name === 'complete' ? 60 : 200;
        for (let round = 0; round < rounds; round += 1) {
          const [key, iv] = [random(16), random(12)];
          const [text, additional] = [random(lengthBelow(400)), random(lengthBelow(80))];
          expect(sm4.gcmEncrypt(key, iv, text, additional), `round ${round}`).to.deep.equal(
            smCryptoGcm(key, iv, text, additional),
          );
        }
        if (name === 'complete') return;
        const [key, iv, text, additional] = [random(16), random(12), random(66_001), random(17)];
        expect(sm4.gcmEncrypt(key, iv, text, additional)).to.deep.equal(
          smCryptoGcm(key, iv, text, additional),
        );
      });

      it('gives plain arrays, whatever kind of bytes comes in', () => {
        const random = seededRandom('buffers');
        const [key, iv, text] = [random(16), random(12), Buffer.from(random(40))];
        const sealed = sm4.gcmEncrypt(key, iv, text);
        for (const made of [
          sealed,
          sm4.gcmDecrypt(key, iv, Buffer.from(sealed)),
          sm4.ctr(key, random(16), text),
        ]) {
          expect(made.constructor.name).to.equal('Uint8Array');
        }
      });

      it('gives what the parts of GCM give, also beyond what one call takes', () => {
        const random = seededRandom('parts');
        const long = name === 'complete' ? [130] : [65_470, 65_520, 65_536, 140_000];
        for (const length of [0, 1, 223, 224, 225, ...long]) {
          for (const beside of [0, 5, 16, ...(length === 1 ? long : [])]) {
            const [key, iv, text] = [random(16), random(12), random(length)];
            const additional = random(beside);
            const sealed = sm4.gcmEncrypt(key, iv, text, additional);
            expect(sealed).to.deep.equal(byParts(key, iv, text, additional));
            expect(sm4.gcmDecrypt(key, iv, sealed, additional)).to.deep.equal(text);
            const altered = sealed.map((byte, at) => (at === length >> 1 ? byte ^ 8 : byte));
            expect(() => sm4.gcmDecrypt(key, iv, altered, additional))
              .to.throw(GuomiError)
              .with.property('code', 'AUTHENTICATION_FAILED');
          }
        }
      });

      it('keeps a key ready for any engine, until it is closed', () => {
        const random = seededRandom('ready');
        const [bytes, iv, text, additional] = [random(16), random(12), random(90), random(20)];
        const ready = sm4.createGcmKey(bytes);
        const sealed = sm4.gcmEncrypt(bytes, iv, text, additional);
        bytes.fill(0);
        for (const other of ENGINES) {
          engine.use(other);
          expect(ready.encrypt(iv, text, additional)).to.deep.equal(sealed);
          expect(ready.decrypt(iv, sealed, additional)).to.deep.equal(text);
          expect(() => ready.decrypt(iv, sealed.subarray(1), additional))
            .to.throw(GuomiError)
            .with.property('code', 'AUTHENTICATION_FAILED');
          expect(() => ready.encrypt(random(13), text))
            .to.throw(GuomiError)
            .with.property('code', 'IV_INVALID');
        }
        ready.close();
        for (const use of [() => ready.encrypt(iv, text), () => ready.decrypt(iv, sealed)]) {
          expect(use).to.throw(GuomiError).with.property('code', 'CIPHER_KEY_CLOSED');
        }
      });
    });
  }

  it('refuses keys and starts of other lengths', () => {
    const [key, iv, text] = [new Uint8Array(16), new Uint8Array(12), new Uint8Array(3)];
    for (const use of [
      () => sm4.gcmEncrypt(key.subarray(1), iv, text),
      () => sm4.gcmDecrypt(new Uint8Array(32), iv, text),
      () => sm4.createGcmKey(new Uint8Array(17)),
      () => sm4.ctr(new Uint8Array(0), new Uint8Array(16), text),
    ]) {
      expect(use).to.throw(GuomiError).with.property('code', 'CIPHER_KEY_INVALID');
    }
    for (const use of [
      () => sm4.gcmEncrypt(key, new Uint8Array(16), text),
      () => sm4.ctr(key, iv, text),
    ]) {
      expect(use).to.throw(GuomiError).with.property('code', 'IV_INVALID');
    }
  });
});

/** NIST SP 800-38D §7.1, from counter mode and GHASH, each of which is held against others. */
function byParts(
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  const from = (counter: number): Uint8Array => Uint8Array.of(...iv, 0, 0, 0, counter);
  const ciphertext = sm4.ctr(key, from(2), text);
  const filled = (bytes: Uint8Array): Uint8Array =>
    concatBytes(bytes, new Uint8Array(-bytes.length & 15));
  const lengths = new Uint8Array(16);
  new DataView(lengths.buffer).setUint32(4, 8 * additional.length);
  new DataView(lengths.buffer).setUint32(12, 8 * text.length);
  const { ghash } = currentCipher();
  const h = sm4.ctr(key, new Uint8Array(16), new Uint8Array(16));
  const sum = ghash(h, concatBytes(filled(additional), filled(ciphertext), lengths));
  return concatBytes(ciphertext, sm4.ctr(key, from(1), sum));
}
