// SPDX-License-Identifier: Apache-2.0
// Encrypted PKCS#8 altered at random before our reader and before OpenSSL: ours opens nothing that OpenSSL's refuses;
// where ours is stricter, a table says why. OpenSSL 3.0 reads PBES2 to its end but has no HMAC-SM3 for PBKDF2, so
// "unsupported prf" is its yes; the table is judged with HMAC-SHA-256 in OpenSSL's twin, which it opens for good.
import { createCipheriv, createPrivateKey, pbkdf2Sync } from 'node:crypto';
import { expect } from 'chai';
import { GuomiError, sm2 } from '../../guomi/src/index.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { encodeElement } from '../../guomi/src/der.ts';
import { alterDer } from './alter.ts';
import { seededRandom } from './oracles.ts';

const random = seededRandom(process.env['SEED'] ?? 'pbes2');
const ROUNDS = process.env['SLOW'] === '1' ? 50_000 : 3_000;
/** The ciphertext behind it is not the parser's. */
const HEAD_BYTES = 112;
const PASSWORD = Buffer.from('correct horse');
const pair = sm2.generateKeyPair(random);
const [SALT, IV] = [random(16), random(16)];

const SM3 = '060a2a811ccf550183110301';
const SHA256 = '06082a864886f70d0209';
const PARTS = {
  salt: element('04', bytesToHex(SALT)),
  count: '020107',
  keyLength: '',
  prfParameters: '0500',
  iv: element('04', bytesToHex(IV)),
  pbes2: '06092a864886f70d01050d',
  pbkdf2: '06092a864886f70d01050c',
  afterDerivation: '',
  afterScheme: '',
  tail: '',
};
type Parts = typeof PARTS;
type Form = readonly [what: string, change: Partial<Parts>];

const BOTH_OPEN: readonly Form[] = [
  ['no parameters of the PRF', { prfParameters: '' }],
  ['the key length', { keyLength: '020110' }],
  ['another salt', { salt: '040101' }],
];
const BOTH_REFUSE: readonly Form[] = [
  ['a count with a needless zero', { count: '02020007' }],
  ['a negative count', { count: '0201f9' }],
  ['a count without digits', { count: '0200' }],
  ['a NULL with content as the parameters of the PRF', { prfParameters: '050100' }],
  ['another key length', { keyLength: '020120' }],
  ['a key length with a needless zero', { keyLength: '02020010' }],
  ['a short IV', { iv: element('04', bytesToHex(IV.subarray(1))) }],
  ['an IV in another type', { iv: element('0c', bytesToHex(IV)) }],
  ['a salt in another type', { salt: element('0c', bytesToHex(SALT)) }],
  ['a count in another type', { count: '0a0107' }],
  ['something behind the derivation', { afterDerivation: '0500' }],
];
/** Refused by us alone. */
const STRICTER: readonly Form[] = [
  // Nobody writes it, and what does not change the key must not change the file.
  ['other parameters of the PRF, which OpenSSL does not look at', { prfParameters: '020100' }],
  // One encoding a key: a container is compared and stored by its bytes.
  ['bytes behind the container', { tail: '00' }],
  ['a length in more bytes than it needs', { salt: `048110${bytesToHex(SALT)}` }],
  // A count without bound keeps its reader busy: 10,000,000 at most (half a minute).
  ['a count of 10,000,001', { count: '020400989681' }],
];

describe('guomi encrypted PKCS#8 beside OpenSSL', function () {
  this.timeout(600_000);

  it('opens nothing altered that OpenSSL refuses', () => {
    const good = hexToBytes(container(SM3, PARTS));
    const seen = { opened: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const file = round % 20 === 0 ? good : alterDer(good, random, HEAD_BYTES);
      const ours = opens(file);
      const theirs = opensslReads(file);
      if (ours) expect(theirs, bytesToHex(file)).to.equal(true);
      seen[ours ? 'opened' : 'refused'] += 1;
    }
    expect(seen.opened).to.be.greaterThan(ROUNDS / 25);
    expect(seen.refused).to.be.greaterThan(ROUNDS / 2);
  });

  for (const [what, change] of BOTH_OPEN) {
    it(`opens what OpenSSL opens: ${what}`, () => {
      expect(judged(change)).to.deep.equal({ ours: true, theirs: true });
    });
  }

  for (const [what, change] of BOTH_REFUSE) {
    it(`refuses what OpenSSL refuses: ${what}`, () => {
      expect(judged(change)).to.deep.equal({ ours: false, theirs: false });
    });
  }

  for (const [what, change] of STRICTER) {
    it(`is stricter than OpenSSL: ${what}`, () => {
      expect(judged(change).ours).to.equal(false);
      // Ten million rounds are not worth the wait.
      if (change.count === undefined) expect(judged(change).theirs).to.equal(true);
    });
  }
});

function judged(change: Partial<Parts>): Readonly<{ ours: boolean; theirs: boolean }> {
  const parts = { ...PARTS, ...change };
  return {
    ours: opens(hexToBytes(container(SM3, parts))),
    theirs: change.count?.endsWith('989681')
      ? false
      : opensslOpens(hexToBytes(container(SHA256, parts))),
  };
}

function opens(file: Uint8Array): boolean {
  try {
    return bytesToHex(sm2.decryptPkcs8(file, PASSWORD).secretKey) === bytesToHex(pair.secretKey);
  } catch (error) {
    if (!(error instanceof GuomiError)) throw error;
    expect(error.code).to.be.oneOf(['PKCS8_MALFORMED', 'PASSWORD_WRONG']);
    return false;
  }
}

function opensslOpens(file: Uint8Array): boolean {
  return refusalOf(file) === undefined;
}

/** Whether OpenSSL reads the container up to the PRF that OpenSSL 3.0 does not have. */
function opensslReads(file: Uint8Array): boolean {
  const refusal = refusalOf(file);
  return refusal === undefined || refusal === 'ERR_OSSL_EVP_UNSUPPORTED_PRF';
}

function refusalOf(file: Uint8Array): string | undefined {
  try {
    createPrivateKey({
      key: Buffer.from(file),
      format: 'der',
      type: 'pkcs8',
      passphrase: PASSWORD,
    });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function container(prf: string, parts: Parts): string {
  const derivation = sequence(
    parts.salt + parts.count + parts.keyLength + sequence(prf + parts.prfParameters),
  );
  const scheme = sequence(
    sequence(parts.pbkdf2 + derivation + parts.afterDerivation) +
      sequence(`06082a811ccf55016802${parts.iv}`) +
      parts.afterScheme,
  );
  const body = sequence(sequence(parts.pbes2 + scheme) + element('04', sealed(prf, parts)));
  return body + parts.tail;
}

/** The key under the salt and the count that the parts say, in whatever form they say it. */
function sealed(prf: string, parts: Parts): string {
  const salt = hexToBytes(parts.salt === PARTS.salt ? bytesToHex(SALT) : saltOf(parts.salt));
  const key = pbkdf2Sync(PASSWORD, salt, 7, 16, prf === SM3 ? 'sm3' : 'sha256');
  const cipher = createCipheriv('sm4-cbc', key, IV);
  return bytesToHex(concatBytes(cipher.update(sm2.encodePkcs8(pair.secretKey)), cipher.final()));
}

function saltOf(hex: string): string {
  return hex.length > 8 ? bytesToHex(SALT) : hex.slice(4);
}

function sequence(hex: string): string {
  return element('30', hex);
}

function element(tag: string, hex: string): string {
  return bytesToHex(encodeElement(Number.parseInt(tag, 16), hexToBytes(hex)));
}
