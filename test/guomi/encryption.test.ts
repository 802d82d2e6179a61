// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  engine,
  GuomiError,
  sm2,
  type EngineName,
  type GuomiErrorCode,
} from '../../guomi/src/index.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { encryptWith } from '../../guomi/src/encryption.ts';
import { seededRandom } from './oracles.ts';

type SmCrypto = Readonly<{
  sm2: Readonly<{
    doEncrypt: (message: string, publicKey: string, mode: number) => string;
    doDecrypt: (message: string, secretKey: string, mode: number) => string;
  }>;
}>;
const random = seededRandom('encryption');
const pair = sm2.generateKeyPair(random);
const text = new TextEncoder().encode('encryption standard');

function refuses(use: () => unknown, code: GuomiErrorCode): void {
  expect(use).to.throw(GuomiError).with.property('code', code);
}

const ENGINES: readonly EngineName[] = ['complete', 'wasm', 'wasm-simd'];

describe('guomi sm2 encryption', () => {
  afterEach(() => engine.use());

  for (const name of ENGINES) {
    it(`${name}: gives the vector of GB/T 32918.5 Annex C`, () => {
      engine.use(name);
      const d = hexToBytes('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
      const k = hexToBytes('59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21');
      const made = encryptWith(text, sm2.publicKeyOf(d), k, sm2.publicKeyOf(k));
      if (made === undefined) throw new Error('no mask');
      expect(bytesToHex(concatBytes(made.point, made.digest, made.masked))).to.equal(
        '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
          'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
          '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
          '21886ca989ca9c7d58087307ca93092d651efa',
      );
    });

    it(`${name}: decrypts what it encrypts, in both formats`, () => {
      engine.use(name);
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (message) => {
          for (const format of ['asn1', 'raw'] as const) {
            const sealed = sm2.encrypt(message, pair.publicKey, { format });
            expect(sm2.decrypt(sealed, pair.secretKey, { format })).to.deep.equal(message);
          }
        }),
        { numRuns: 8 },
      );
    });
  }

  for (const name of ['sm-crypto', 'sm-crypto-v2']) {
    it(`exchanges ciphertexts with ${name}`, () => {
      const theirs: SmCrypto = createRequire(import.meta.url)(name);
      const [secret, open] = [bytesToHex(pair.secretKey), bytesToHex(pair.publicKey)];
      const raw = hexToBytes(`04${theirs.sm2.doEncrypt('encryption standard', open, 1)}`);
      expect(sm2.decrypt(raw, pair.secretKey, { format: 'raw' })).to.deep.equal(text);
      const ours = bytesToHex(sm2.encrypt(text, pair.publicKey, { format: 'raw' }));
      expect(theirs.sm2.doDecrypt(ours.slice(2), secret, 1)).to.equal('encryption standard');
    });
  }

  it('writes what the openssl program decrypts, where there is one', function () {
    const folder = mkdtempSync(join(tmpdir(), 'guomi-'));
    const [keyFile, textFile] = [join(folder, 'key.der'), join(folder, 'text.der')];
    writeFileSync(keyFile, sm2.encodePkcs8(pair.secretKey));
    writeFileSync(textFile, sm2.encrypt(text, sm2.compressPublicKey(pair.publicKey)));
    const options = ['pkeyutl', '-decrypt', '-keyform', 'DER', '-inkey', keyFile, '-in', textFile];
    const { error, stdout } = spawnSync('openssl', options);
    rmSync(folder, { recursive: true });
    if (error !== undefined) this.skip();
    expect(Uint8Array.from(stdout)).to.deep.equal(text);
  });

  it('gives out nothing when any bit is altered or the key is another', () => {
    const sealed = sm2.encrypt(text, pair.publicKey, { format: 'raw', random });
    for (let bit = 520; bit < 8 * sealed.length; bit += 5) {
      const altered = Uint8Array.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      refuses(
        () => sm2.decrypt(altered, pair.secretKey, { format: 'raw' }),
        'AUTHENTICATION_FAILED',
      );
    }
    const other = sm2.generateKeyPair(random);
    refuses(() => sm2.decrypt(sealed, other.secretKey, { format: 'raw' }), 'AUTHENTICATION_FAILED');
  });

  it('calls another format a programmer mistake', () => {
    const options = { format: 'C1C2C3' as 'raw' };
    expect(() => sm2.encrypt(text, pair.publicKey, options)).to.throw(TypeError, 'format');
    expect(() => sm2.decrypt(random(120), pair.secretKey, options)).to.throw(TypeError, 'format');
  });

  it('refuses malformed ciphertexts, points off the curve, and empty plaintexts', () => {
    const der = sm2.encrypt(text, pair.publicKey, { random });
    const raw = sm2.encrypt(text, pair.publicKey, { random, format: 'raw' });
    const off = Uint8Array.from(raw);
    off[40] = (off[40] ?? 0) ^ 1;
    refuses(() => sm2.decrypt(off, pair.secretKey, { format: 'raw' }), 'CIPHERTEXT_MALFORMED');
    refuses(
      () => sm2.decrypt(raw.subarray(0, 97), pair.secretKey, { format: 'raw' }),
      'CIPHERTEXT_MALFORMED',
    );
    refuses(() => sm2.decrypt(raw, pair.secretKey), 'CIPHERTEXT_MALFORMED');
    for (const cut of [0, 1, 50, der.length - 1]) {
      refuses(() => sm2.decrypt(der.subarray(0, cut), pair.secretKey), 'CIPHERTEXT_MALFORMED');
    }
    refuses(() => sm2.decrypt(Uint8Array.of(...der, 0), pair.secretKey), 'CIPHERTEXT_MALFORMED');
    refuses(() => sm2.encrypt(new Uint8Array(0), pair.publicKey), 'PLAINTEXT_EMPTY');
    refuses(() => sm2.encrypt(text, new Uint8Array(65)), 'PUBLIC_KEY_INVALID');
  });
});

describe('guomi encrypted PKCS#8', () => {
  const password = new TextEncoder().encode('正确的密码 correct horse');
  const sealed = sm2.encryptPkcs8(pair.secretKey, password, { iterations: 500, random });

  it('opens with its password and no other', () => {
    expect(sm2.decryptPkcs8(sealed, password)).to.deep.equal(pair);
    refuses(() => sm2.decryptPkcs8(sealed, password.subarray(1)), 'PASSWORD_WRONG');
    refuses(() => sm2.decryptPkcs8(sealed, new Uint8Array(0)), 'PASSWORD_WRONG');
  });

  it('is PBKDF2-HMAC-SM3 and SM4-CBC as OpenSSL computes them', () => {
    const hex = bytesToHex(sealed);
    const salt = hexToBytes(/04100?([0-9a-f]{32})020201f4/.exec(hex)?.[1] ?? '');
    const iv = hexToBytes(/2a811ccf550168020410([0-9a-f]{32})/.exec(hex)?.[1] ?? '');
    const key = pbkdf2Sync(password, salt, 500, 16, 'sm3');
    const decipher = createDecipheriv('sm4-cbc', key, iv);
    const plain = Buffer.concat([decipher.update(sealed.subarray(-144)), decipher.final()]);
    expect(Uint8Array.from(plain)).to.deep.equal(sm2.encodePkcs8(pair.secretKey));
  });

  it('writes no count that it would not read', () => {
    for (const iterations of [0, -1, 1.5, Number.NaN, 10_000_001, 2 ** 31, 2 ** 32 + 1]) {
      refuses(
        () => sm2.encryptPkcs8(pair.secretKey, password, { iterations }),
        'ITERATIONS_INVALID',
      );
    }
    for (const iterations of [1, 127, 128, 255, 256, 32_768]) {
      const file = sm2.encryptPkcs8(pair.secretKey, password, { iterations });
      expect(sm2.decryptPkcs8(file, password)).to.deep.equal(pair);
    }
  });

  it('refuses other algorithms, counts out of bounds, and cut or longer input', () => {
    const hex = bytesToHex(sealed);
    const twins = [
      hex.replace('2a811ccf55016802', '2a811ccf55016803'),
      hex.replace('06092a864886f70d01050d', '06092a864886f70d01050e'),
      hex.replace('06092a864886f70d01050c', '06092a864886f70d01050a'),
      hex.replace('020201f4', '02020000'),
      hex.replace('020201f4', '020281f4'),
      hex.replace('2a811ccf550183110301', '2a811ccf550183110302'),
      `${hex}00`,
      hex.slice(0, -2),
      hex.slice(0, 40),
      '',
    ];
    for (const twin of twins)
      refuses(() => sm2.decryptPkcs8(hexToBytes(twin), password), 'PKCS8_MALFORMED');
  });
});
