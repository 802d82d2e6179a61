// SPDX-License-Identifier: Apache-2.0
// DER signatures, SPKI, PKCS#8 and ciphertexts in Wycheproof's style: one rule a case, and the code that each gets.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { engine, GuomiError, sm2 } from '../../guomi/src/index.ts';
import { hexToBytes } from '../../guomi/src/bytes.ts';

type Form = 'signature' | 'spki' | 'pkcs8' | 'ciphertext' | 'rawCiphertext';
type Vector = Readonly<{ rule: string; code: string; bytes: string }>;

const {
  secretKey,
  forms,
}: Readonly<{
  secretKey: string;
  forms: Readonly<Record<Form, readonly Vector[]>>;
}> = JSON.parse(readFileSync(new URL('../vectors/sm2/forms.json', import.meta.url), 'utf8'));
const key = hexToBytes(secretKey);
const READERS: Readonly<Record<Form, (bytes: Uint8Array) => unknown>> = {
  signature: sm2.decodeSignatureDer,
  spki: sm2.decodeSpki,
  pkcs8: sm2.decodePkcs8,
  ciphertext: (bytes) => sm2.decrypt(bytes, key),
  rawCiphertext: (bytes) => sm2.decrypt(bytes, key, { format: 'raw' }),
};

describe('guomi: vectors of forms', () => {
  afterEach(() => engine.use());

  for (const name of ['complete', 'wasm', 'wasm-simd'] as const) {
    for (const form of ['signature', 'spki', 'pkcs8', 'ciphertext', 'rawCiphertext'] as const) {
      it(`${name}: ${form}`, () => {
        engine.use(name);
        const vectors = forms[form];
        expect(vectors.length).to.be.greaterThan(6);
        for (const { rule, code, bytes } of vectors) {
          expect(
            codeOf(() => READERS[form](hexToBytes(bytes))),
            rule,
          ).to.equal(code);
        }
        expect(new Set(vectors.map(({ bytes }) => bytes)).size).to.equal(vectors.length);
      });
    }
  }
});

/** `OK`, or why the reader refuses. */
function codeOf(read: () => unknown): string {
  try {
    read();
    return 'OK';
  } catch (error) {
    if (error instanceof GuomiError) return error.code;
    throw error;
  }
}
