// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { GuomiError, sm2, type GuomiErrorCode } from '../../guomi/src/index.ts';
import { bytesToHex, hexToBytes, numberToBytes32 } from '../../guomi/src/bytes.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import { seededRandom } from './oracles.ts';

const { secretKey, publicKey } = sm2.generateKeyPair(seededRandom('keys'));
const spki = sm2.encodeSpki(publicKey);
const pkcs8 = sm2.encodePkcs8(secretKey);

function refuses(use: () => unknown, code: GuomiErrorCode): void {
  expect(use).to.throw(GuomiError).with.property('code', code);
}

describe('guomi sm2 keys', () => {
  it('derives, compresses and decompresses', () => {
    expect(sm2.publicKeyOf(secretKey)).to.deep.equal(publicKey);
    const random = seededRandom('compressed');
    for (let round = 0; round < 40; round += 1) {
      const key = sm2.generateKeyPair(random).publicKey;
      expect(sm2.decompressPublicKey(sm2.compressPublicKey(key))).to.deep.equal(key);
    }
    const short = sm2.compressPublicKey(publicKey);
    expect(short.length).to.equal(33);
    expect(sm2.decompressPublicKey(short)).to.deep.equal(publicKey);
    expect(sm2.compressPublicKey(short)).to.deep.equal(short);
  });

  it('writes the 91 and 138 bytes of GB/T 35276 and OpenSSL, and reads them back', () => {
    expect(spki.length).to.equal(91);
    expect(pkcs8.length).to.equal(138);
    expect(bytesToHex(spki)).to.match(/^3059301306072a8648ce3d020106082a811ccf5501822d03420004/);
    expect(bytesToHex(pkcs8)).to.match(
      /^308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420/,
    );
    expect(sm2.decodeSpki(spki)).to.deep.equal(publicKey);
    expect(sm2.decodePkcs8(pkcs8)).to.deep.equal({ secretKey, publicKey });
  });

  it('exchanges containers with OpenSSL', () => {
    const theirs = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    expect(theirs.export({ format: 'der', type: 'spki' }).equals(spki)).to.equal(true);
    const secret = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    expect(secret.export({ format: 'der', type: 'pkcs8' }).equals(pkcs8)).to.equal(true);
    const made = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const pair = sm2.decodePkcs8(made.privateKey.export({ format: 'der', type: 'pkcs8' }));
    expect(sm2.encodeSpki(pair.publicKey)).to.deep.equal(
      Uint8Array.from(made.publicKey.export({ format: 'der', type: 'spki' })),
    );
  });

  it('admits d in [1, n-2] and nothing else', () => {
    for (const d of [1n, 2n, CURVE.n - 2n]) {
      expect(sm2.publicKeyOf(numberToBytes32(d)).length).to.equal(65);
    }
    for (const d of [0n, CURVE.n - 1n, CURVE.n, CURVE.n + 1n, 2n ** 256n - 1n]) {
      refuses(() => sm2.publicKeyOf(numberToBytes32(d)), 'SECRET_KEY_INVALID');
    }
    refuses(() => sm2.publicKeyOf(new Uint8Array(33).fill(1)), 'SECRET_KEY_INVALID');
  });

  it('draws again when the source gives a number out of range, and gives up in the end', () => {
    let calls = 0;
    const pair = sm2.generateKeyPair((length) => {
      calls += 1;
      return new Uint8Array(length).fill(calls < 3 ? 0xff : 1);
    });
    expect(calls).to.equal(3);
    expect(pair.secretKey).to.deep.equal(new Uint8Array(32).fill(1));
    refuses(
      () => sm2.generateKeyPair((length) => new Uint8Array(length).fill(0xff)),
      'RANDOM_FAILED',
    );
    refuses(() => sm2.generateKeyPair(() => new Uint8Array(5).fill(1)), 'RANDOM_FAILED');
  });

  it('refuses points off the curve, infinity, coordinates beyond p and unknown forms', () => {
    const off = Uint8Array.from(publicKey);
    off[64] = (off[64] ?? 0) ^ 1;
    const hybrid = Uint8Array.from(publicKey);
    hybrid[0] = 6;
    const beyond = hexToBytes(`02${bytesToHex(numberToBytes32(CURVE.p + 1n))}`);
    const noRoot = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]
      .map((x) => hexToBytes(`02${bytesToHex(numberToBytes32(x))}`))
      .filter((point) => !isPoint(point));
    expect(noRoot.length).to.be.greaterThan(0);
    for (const key of [off, hybrid, beyond, Uint8Array.of(0), new Uint8Array(65), ...noRoot]) {
      refuses(() => sm2.decompressPublicKey(key), 'PUBLIC_KEY_INVALID');
    }
  });

  it('refuses every twin of a container', () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    refuses(
      () => sm2.decodeSpki(p256.publicKey.export({ format: 'der', type: 'spki' })),
      'SPKI_MALFORMED',
    );
    refuses(
      () => sm2.decodePkcs8(p256.privateKey.export({ format: 'der', type: 'pkcs8' })),
      'PKCS8_MALFORMED',
    );
    for (const cut of [0, 1, 30, 90])
      refuses(() => sm2.decodeSpki(spki.subarray(0, cut)), 'SPKI_MALFORMED');
    refuses(() => sm2.decodeSpki(Uint8Array.of(...spki, 0)), 'SPKI_MALFORMED');
    refuses(() => sm2.decodePkcs8(Uint8Array.of(...pkcs8, 0)), 'PKCS8_MALFORMED');
    refuses(() => sm2.decodePkcs8(spki), 'PKCS8_MALFORMED');
    const offCurve = Uint8Array.from(spki);
    offCurve[90] = (offCurve[90] ?? 0) ^ 1;
    refuses(() => sm2.decodeSpki(offCurve), 'PUBLIC_KEY_INVALID');
    const stranger = Uint8Array.from(pkcs8);
    stranger[137] = (stranger[137] ?? 0) ^ 1;
    refuses(() => sm2.decodePkcs8(stranger), 'PKCS8_MALFORMED');
    const zero = Uint8Array.from(pkcs8).fill(0, 36, 68);
    refuses(() => sm2.decodePkcs8(zero), 'SECRET_KEY_INVALID');
  });

  it('copies on the way out: later changes of the input change nothing', () => {
    const container = Uint8Array.from(pkcs8);
    const pair = sm2.decodePkcs8(container);
    container.fill(0);
    expect(pair.secretKey).to.deep.equal(secretKey);
  });
});

function isPoint(key: Uint8Array): boolean {
  try {
    return sm2.decompressPublicKey(key).length === 65;
  } catch {
    return false;
  }
}
