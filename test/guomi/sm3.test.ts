// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { engine, GuomiError, sm3 } from '../../guomi/src/index.ts';
import { bytesToHex } from '../../guomi/src/bytes.ts';
import { opensslSm3 } from './oracles.ts';

type Vectors = Readonly<{ cases: readonly Readonly<{ text: string; digest: string }>[] }>;
const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/sm2/sm3.json', import.meta.url), 'utf8'),
);

describe('guomi sm3', () => {
  afterEach(() => engine.use());

  for (const { text, digest } of vectors.cases) {
    it(`gives the digest of "${text.slice(0, 12)}" (${text.length} bytes)`, () => {
      expect(bytesToHex(sm3.hash(new TextEncoder().encode(text)))).to.equal(digest);
    });
  }

  it('agrees with OpenSSL at each length from 0 to 300', () => {
    for (let length = 0; length <= 300; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff);
      expect(bytesToHex(sm3.hash(bytes))).to.equal(bytesToHex(opensslSm3(bytes)));
    }
  });

  it('gives the same digest however the input is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (parts) => {
        const stream = sm3.create();
        for (const part of parts) stream.update(part);
        expect(stream.digest()).to.deep.equal(opensslSm3(Buffer.concat(parts)));
      }),
    );
  });

  it('agrees with OpenSSL on HMAC, keys shorter and longer than a block', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 140 }),
        fc.uint8Array({ maxLength: 140 }),
        (key, m) => {
          const expected = createHmac('sm3', key).update(m).digest('hex');
          expect(bytesToHex(sm3.hmac(key, m))).to.equal(expected);
        },
      ),
    );
  });

  for (const name of ['complete', 'wasm', 'wasm-simd'] as const) {
    it(`${name}: gives the digest of each of many messages of one length`, () => {
      engine.use(name);
      const counts = [0, 1, 3, 4, 5, 9, ...(name === 'complete' ? [] : [2_000])];
      for (const length of [1, 15, 16, 17, 34, 35, 55, 56, 64, 65, 119, 120, 4096, 4097]) {
        for (const count of counts.filter((each) => each * length < 200_000)) {
          const bytes = Uint8Array.from({ length: length * count }, (_, i) => (i * i + i) >> 3);
          const each = Array.from({ length: count }, (_, i) =>
            opensslSm3(bytes.subarray(length * i, length * (i + 1))),
          );
          const what = `${String(count)} of ${String(length)}`;
          expect(Buffer.concat(each).equals(sm3.hashEach(bytes, length)), what).to.equal(true);
          if (count > 9) continue;
          const headed = Array.from({ length: count }, (_, i) =>
            opensslSm3(Uint8Array.of(7, ...bytes.subarray(length * i, length * (i + 1)))),
          );
          const found = sm3.hashEach(bytes, length, 7);
          expect(Buffer.concat(headed).equals(found), `7, ${what}`).to.equal(true);
        }
      }
      for (const length of [0, -1, 1.5, 3]) {
        expect(() => sm3.hashEach(new Uint8Array(10), length))
          .to.throw(GuomiError)
          .with.property('code', 'PARTS_MALFORMED');
      }
      for (const prefix of [-1, 256, 0.5]) {
        expect(() => sm3.hashEach(new Uint8Array(10), 5, prefix))
          .to.throw(GuomiError)
          .with.property('code', 'PREFIX_INVALID');
      }
    });
  }

  it('refuses to go on after the digest', () => {
    const stream = sm3.create();
    stream.digest();
    for (const use of [() => stream.digest(), () => stream.update(new Uint8Array(1))]) {
      expect(use).to.throw(GuomiError).with.property('code', 'STREAM_FINISHED');
    }
  });

  it('calls anything but bytes a programmer mistake', () => {
    const text: unknown = 'abc';
    expect(() => Reflect.apply(sm3.hash, undefined, [text])).to.throw(TypeError);
  });
});
