// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { GuomiError, sm2 } from '../../guomi/src/index.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { signDigest } from '../../guomi/src/complete.ts';
import { messageDigest, userDigest } from '../../guomi/src/message-digest.ts';
import { compressRolled } from '../../guomi/src/sm3-rolled.ts';
import {
  opensslSign,
  opensslVerify,
  seededRandom,
  smCryptoSign,
  smCryptoVerify,
} from './oracles.ts';

const vector: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../vectors/sm2/signature.json', import.meta.url), 'utf8'),
);
const bytesOf = (name: string): Uint8Array => hexToBytes(vector[name] ?? '');
const message = bytesOf('messageHex');
const publicKey = bytesOf('publicKey');
const secretKey = bytesOf('secretKey');
const signature = concatBytes(bytesOf('r'), bytesOf('s'));

describe('guomi sm2 signatures', () => {
  it('gives the standard vector: ZA, e, r and s', () => {
    expect(bytesToHex(userDigest(compressRolled, publicKey, bytesOf('userIdHex')))).to.equal(
      vector['za'],
    );
    const digest = messageDigest(compressRolled, message, publicKey, bytesOf('userIdHex'));
    expect(bytesToHex(digest)).to.equal(vector['e']);
    expect(signDigest(digest, secretKey, bytesOf('k'))).to.deep.equal(signature);
  });

  it('verifies the standard vector under both point forms and the default ID', () => {
    expect(sm2.verify(signature, message, publicKey)).to.equal(true);
    expect(sm2.verify(signature, message, sm2.compressPublicKey(publicKey))).to.equal(true);
    expect(sm2.verify(signature, message, publicKey, { userId: bytesOf('userIdHex') })).to.equal(
      true,
    );
    expect(sm2.verify(signature, message, publicKey, { userId: new Uint8Array(3) })).to.equal(
      false,
    );
  });

  it('takes its bytes from a Buffer too', () => {
    const [s, m, p] = [signature, message, publicKey].map((bytes) => Buffer.from(bytes));
    expect(
      sm2.verify(s ?? new Uint8Array(), m ?? new Uint8Array(), p ?? new Uint8Array()),
    ).to.equal(true);
  });

  it('refuses every single-bit change of signature, message and key', () => {
    for (const which of [0, 1, 2]) {
      for (let bit = 0; bit < 64; bit += 1) {
        const parts = [signature, message, publicKey].map((bytes) => Uint8Array.from(bytes));
        const target = parts[which] ?? new Uint8Array();
        const index = (bit * 37) % (8 * target.length);
        target[index >> 3] = (target[index >> 3] ?? 0) ^ (1 << (index & 7));
        const [s, m, p] = parts;
        expect(sm2.verify(s ?? signature, m ?? message, p ?? publicKey)).to.equal(false);
      }
    }
  });

  it('agrees with OpenSSL, sm-crypto and sm-crypto-v2, both ways', () => {
    const random = seededRandom('both ways');
    for (let round = 0; round < 12; round += 1) {
      const pair = sm2.generateKeyPair(random);
      const text = random(round * 9);
      const ours = sm2.sign(text, pair.secretKey, { random });
      expect(opensslVerify(ours, text, pair.publicKey)).to.equal(true);
      const altered = Uint8Array.from(ours, (byte, at) => (at === 40 ? byte ^ 1 : byte));
      for (const name of ['sm-crypto', 'sm-crypto-v2'] as const) {
        expect(smCryptoVerify(name, ours, text, pair.publicKey), name).to.equal(true);
        expect(smCryptoVerify(name, altered, text, pair.publicKey), name).to.equal(false);
      }
      for (const theirs of [
        opensslSign(text, pair.secretKey),
        smCryptoSign('sm-crypto', text, pair.secretKey),
        smCryptoSign('sm-crypto-v2', text, pair.secretKey),
      ]) {
        expect(sm2.verify(theirs, text, pair.publicKey)).to.equal(true);
      }
    }
  });

  it('signs what it verifies, for any message, key and user ID', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((d) => d.some((byte) => byte > 0)),
        fc.uint8Array({ maxLength: 40 }),
        (text, seed, userId) => {
          const d = Uint8Array.from(seed, (byte, index) => (index === 0 ? byte & 0x7f : byte));
          d[31] = (d[31] ?? 0) | 1;
          const made = sm2.sign(text, d, { userId });
          expect(sm2.verify(made, text, sm2.publicKeyOf(d), { userId })).to.equal(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('hedges the nonce, and repeats itself only when told', () => {
    const twice = (options: sm2.SignOptions): string[] =>
      [1, 2].map(() => bytesToHex(sm2.sign(message, secretKey, options)));
    expect(new Set(twice({})).size).to.equal(2);
    expect(new Set(twice({ deterministic: true })).size).to.equal(1);
    expect(new Set(twice({ random: () => new Uint8Array(32).fill(7) })).size).to.equal(1);
  });

  it('refuses a random source that gives nothing, and keys out of range', () => {
    const cases: readonly (readonly [() => unknown, string])[] = [
      [() => sm2.sign(message, secretKey, { random: () => new Uint8Array(32) }), 'RANDOM_FAILED'],
      [
        () => sm2.sign(message, secretKey, { random: () => new Uint8Array(31).fill(1) }),
        'RANDOM_FAILED',
      ],
      [() => sm2.sign(message, new Uint8Array(32)), 'SECRET_KEY_INVALID'],
      [() => sm2.sign(message, new Uint8Array(31).fill(1)), 'SECRET_KEY_INVALID'],
      [() => sm2.sign(message, secretKey, { userId: new Uint8Array(8192) }), 'USER_ID_TOO_LONG'],
      [
        () => sm2.verify(signature, message, publicKey, { userId: new Uint8Array(8192) }),
        'USER_ID_TOO_LONG',
      ],
    ];
    for (const [use, code] of cases) expect(use).to.throw(GuomiError).with.property('code', code);
  });

  it('says false to malformed signatures and keys', () => {
    for (const length of [0, 1, 63, 65, 72, 128]) {
      expect(sm2.verify(new Uint8Array(length).fill(1), message, publicKey)).to.equal(false);
      expect(sm2.verify(signature, message, new Uint8Array(length).fill(4))).to.equal(false);
    }
  });

  it('answers each item of a batch by itself', () => {
    const items = Array.from({ length: 9 }, (_, index) => ({
      signature: index === 4 ? new Uint8Array(64) : signature,
      message: index === 7 ? publicKey : message,
      publicKey: index === 2 ? new Uint8Array(65) : publicKey,
    }));
    const expected = items.map((_, index) => ![2, 4, 7].includes(index));
    expect(sm2.verifyBatch(items)).to.deep.equal(expected);
    expect(sm2.verifyBatch([])).to.deep.equal([]);
  });

  it('turns r‖s into DER and back', () => {
    expect(bytesToHex(sm2.encodeSignatureDer(signature))).to.equal(
      `3046022100${vector['r']}022100${vector['s']}`,
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (raw) => {
        expect(sm2.decodeSignatureDer(sm2.encodeSignatureDer(raw))).to.deep.equal(raw);
      }),
    );
  });

  it('refuses DER that is not the shortest, mistagged, negative, oversized or followed by more', () => {
    const one = '020101';
    const twins = [
      '',
      '30',
      '3006' + one,
      '3107' + one + one,
      '3006' + one + '030101',
      '308106' + one + one,
      '3080' + one + one + '0000',
      '3006' + one + one + '00',
      '3009' + one + one + one,
      '3007' + one + '02020001',
      '3006' + one + '0201ff',
      '3005' + one + '0200',
      '30840000000606' + one + one,
      '3026' + one + '0221' + '01'.repeat(33),
    ];
    for (const twin of twins) {
      expect(() => sm2.decodeSignatureDer(hexToBytes(twin)), twin)
        .to.throw(GuomiError)
        .with.property('code', 'SIGNATURE_MALFORMED');
    }
    expect(() => sm2.encodeSignatureDer(new Uint8Array(63)))
      .to.throw(GuomiError)
      .with.property('code', 'SIGNATURE_MALFORMED');
  });
});
