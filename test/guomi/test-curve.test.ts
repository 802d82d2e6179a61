// SPDX-License-Identifier: Apache-2.0
// The complete path's equations on the test curve Fp-256 of GB/T 32918.2-2016 and .4-2016 Annex A, whose a is not
// p − 3: ZA, e, r, s, and C1, C2, C3 as the standard prints them.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { bytesToHex, bytesToNumber, concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { signDigest, verifyDigest } from '../../guomi/src/complete.ts';
import { currentEngine, standIn } from '../../guomi/src/current-engine.ts';
import { createGroup } from '../../guomi/src/curve.ts';
import { encryptWith } from '../../guomi/src/encryption.ts';
import { engine } from '../../guomi/src/index.ts';
import { userDigest } from '../../guomi/src/message-digest.ts';
import { compressRolled } from '../../guomi/src/sm3-rolled.ts';
import { createStream } from '../../guomi/src/sm3-stream.ts';

const vector: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../vectors/sm2/test-curve.json', import.meta.url), 'utf8'),
);
const bytesOf = (name: string): Uint8Array => hexToBytes(vector[name] ?? '');
const numberOf = (name: string): bigint => bytesToNumber(bytesOf(name));
const parameters = {
  p: numberOf('p'),
  a: numberOf('a'),
  b: numberOf('b'),
  n: numberOf('n'),
  h: 1n,
  Gx: numberOf('Gx'),
  Gy: numberOf('Gy'),
};
const group = createGroup(parameters);
const signature = concatBytes(bytesOf('r'), bytesOf('s'));

describe('guomi on the test curve of the standard', () => {
  it('derives the public key, ZA and e', () => {
    const key = group.BASE.multiply(numberOf('secretKey')).toBytes(false);
    expect(bytesToHex(key)).to.equal(vector['publicKey']);
    const za = userDigest(compressRolled, key, bytesOf('userIdHex'), parameters);
    expect(bytesToHex(za)).to.equal(vector['za']);
    const e = createStream(compressRolled).update(za).update(bytesOf('messageHex')).digest();
    expect(bytesToHex(e)).to.equal(vector['e']);
  });

  it('signs and verifies as printed, and refuses what is altered or of the other curve', () => {
    expect(signDigest(bytesOf('e'), bytesOf('secretKey'), bytesOf('k'), group)).to.deep.equal(
      signature,
    );
    expect(verifyDigest(signature, bytesOf('e'), bytesOf('publicKey'), group)).to.equal(true);
    expect(verifyDigest(signature, bytesOf('e'), bytesOf('publicKey'))).to.equal(false);
    for (const at of [0, 31, 32, 63]) {
      const altered = Uint8Array.from(signature, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(verifyDigest(altered, bytesOf('e'), bytesOf('publicKey'), group)).to.equal(false);
    }
  });

  it('encrypts as printed: C1, C2, C3', () => {
    const sound = currentEngine();
    // The engines' products are of the one curve that is used: here stands the test curve's.
    const multiply = (secret: Uint8Array, key: Uint8Array): Uint8Array => {
      const point = group.fromBytes(key).multiply(bytesToNumber(secret));
      return point.toBytes(false).subarray(1);
    };
    standIn({ ...sound, multiply });
    try {
      const [key, k] = [bytesOf('encryptionPublicKey'), bytesOf('encryptionK')];
      const of = (scalar: string): string =>
        bytesToHex(group.BASE.multiply(numberOf(scalar)).toBytes(false));
      expect(of('encryptionSecretKey')).to.equal(vector['encryptionPublicKey']);
      expect(of('encryptionK')).to.equal(vector['encryptionC1']);
      const made = encryptWith(bytesOf('encryptionMessageHex'), key, k, bytesOf('encryptionC1'));
      expect(made && bytesToHex(made.masked)).to.equal(vector['encryptionC2']);
      expect(made && bytesToHex(made.digest)).to.equal(vector['encryptionC3']);
    } finally {
      engine.use();
    }
  });
});
