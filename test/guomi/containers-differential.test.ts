// SPDX-License-Identifier: Apache-2.0
// SubjectPublicKeyInfo and PKCS#8, altered at random and in the forms of the vectors, before our readers and before
// OpenSSL's: ours read nothing that OpenSSL refuses, and no other key. What OpenSSL alone reads is no canonical encoding
// of a key, which a container must be that is compared and stored by its bytes, or stands in a table with its reason.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GuomiError, sm2 } from '../../guomi/src/index.ts';
import { bytesToHex, bytesToNumber, hexToBytes } from '../../guomi/src/bytes.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import { alterDer } from './alter.ts';
import { seededRandom } from './oracles.ts';

type Form = 'spki' | 'pkcs8';
type Vector = Readonly<{ rule: string; code: string; bytes: string }>;
/** The key that a reader finds, in hex. */
type Reader = (file: Uint8Array) => string | undefined;

const random = seededRandom(process.env['SEED'] ?? 'containers');
const ROUNDS = process.env['SLOW'] === '1' ? 50_000 : 1_500;
const pair = sm2.generateKeyPair(random);
const { forms } = JSON.parse(
  readFileSync(new URL('../vectors/sm2/forms.json', import.meta.url), 'utf8'),
) as Readonly<{ forms: Readonly<Record<Form, readonly Vector[]>> }>;

const GOOD: Readonly<Record<Form, Uint8Array>> = {
  spki: sm2.encodeSpki(pair.publicKey),
  pkcs8: sm2.encodePkcs8(pair.secretKey),
};
const OURS: Readonly<Record<Form, Reader>> = {
  spki: oursOf((file) => sm2.compressPublicKey(sm2.decodeSpki(file))),
  pkcs8: oursOf((file) => sm2.decodePkcs8(file).secretKey),
};
const READ = { spki: publicKeyOf, pkcs8: privateKeyOf } as const;
const THEIRS: Readonly<Record<Form, Reader>> = {
  spki: theirsOf(READ.spki, pointOf),
  pkcs8: theirsOf(READ.pkcs8, scalarOf),
};

/** What OpenSSL alone reads, and how it is told: the first that fits is why ours refuses. */
const STRICTER: readonly Readonly<{
  why: string;
  fits: (form: Form, file: Uint8Array) => boolean;
}>[] = [
  {
    why: 'the point at infinity, which is no public key',
    fits: (form, file) => THEIRS[form](file) === 'infinity',
  },
  {
    why: 'another encoding of a key that has one: a container is compared and stored by its bytes',
    fits: (form, file) => exported(READ[form](file), form) !== bytesToHex(file),
  },
  {
    why: 'the hybrid form of a point, which says y twice',
    fits: (form, file) => form === 'spki' && /^0342000[67]/.test(bytesToHex(file.subarray(23))),
  },
  {
    why: 'a version of ECPrivateKey that RFC 5915 does not know',
    fits: (form, file) => form === 'pkcs8' && !bytesToHex(file).includes('0201010420'),
  },
  {
    why: 'a public key that is not that of the secret one, or no secret key in [1, n − 2]',
    fits: isStrangersKey,
  },
];

describe('guomi key containers beside OpenSSL', function () {
  this.timeout(600_000);

  for (const form of ['spki', 'pkcs8'] as const) {
    it(`${form}: altered at random, ours reads nothing that OpenSSL refuses, and refuses alone for a known reason`, () => {
      const seen = { both: 0, neither: 0, stricter: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const file = round % 20 === 0 ? GOOD[form] : alterDer(GOOD[form], random, 138);
        seen[judge(form, file, bytesToHex(file))] += 1;
      }
      expect(seen.both).to.be.greaterThan(ROUNDS / 25);
      expect(seen.neither).to.be.greaterThan(ROUNDS / 4);
      expect(seen.stricter).to.be.greaterThan(0);
    });

    it(`${form}: so it does with each of the vectors`, () => {
      for (const { rule, code, bytes } of forms[form]) {
        expect(judge(form, hexToBytes(bytes), rule) === 'both', rule).to.equal(code === 'OK');
      }
    });
  }
});

function judge(form: Form, file: Uint8Array, name: string): 'both' | 'neither' | 'stricter' {
  const [ours, theirs] = [OURS[form](file), THEIRS[form](file)];
  if (ours !== undefined) {
    expect(theirs, name).to.equal(ours);
    return 'both';
  }
  if (theirs === undefined) return 'neither';
  expect(STRICTER.find(({ fits }) => fits(form, file))?.why, `${name}: no reason`).to.be.a(
    'string',
  );
  return 'stricter';
}

/** OpenSSL believes the public key inside, whosever it is, and with it any d, which may not sign. */
function isStrangersKey(form: Form, file: Uint8Array): boolean {
  if (form === 'spki') return false;
  const key = privateKeyOf(file);
  const d = hexToBytes(scalarOf(key));
  const number = bytesToNumber(d);
  if (number < 1n || number > CURVE.n - 2n) return true;
  return bytesToHex(sm2.compressPublicKey(sm2.publicKeyOf(d))) !== pointOf(createPublicKey(key));
}

function oursOf(read: (file: Uint8Array) => Uint8Array): Reader {
  return (file) => {
    try {
      return bytesToHex(read(file));
    } catch (error) {
      if (error instanceof GuomiError) return undefined;
      throw error;
    }
  };
}

function theirsOf(read: (file: Uint8Array) => KeyObject, show: (key: KeyObject) => string): Reader {
  return (file) => {
    let key: KeyObject;
    try {
      key = read(file);
    } catch {
      return undefined;
    }
    // Another curve is another key to us.
    return isSm2(key) ? show(key) : undefined;
  };
}

function publicKeyOf(file: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(file), format: 'der', type: 'spki' });
}

function privateKeyOf(file: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(file), format: 'der', type: 'pkcs8' });
}

/** Node has no name for OpenSSL's SM2 keys; one of another curve is an `ec`. */
function isSm2({ asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType === undefined;
}

/** OpenSSL's encoding of a key; it has none for the point at infinity, which it reads. */
function exported(key: KeyObject, type: Form): string | undefined {
  try {
    const der =
      type === 'spki' ? key.export({ format: 'der', type }) : key.export({ format: 'der', type });
    return bytesToHex(der);
  } catch {
    return undefined;
  }
}

/** The point, compressed: OpenSSL writes a point in the form that it read. */
function pointOf(key: KeyObject): string {
  const hex = exported(key, 'spki');
  if (hex === undefined) return 'infinity';
  const [, form = '', x = '', y = ''] =
    /^30..301306072a8648ce3d020106082a811ccf5501822d03..00(0[2-7])(.{64})(.{64})?$/.exec(hex) ?? [];
  if (form === '') throw new TypeError(`no point of an SM2 key: ${hex}`);
  const odd = y === '' ? Number(form) % 2 : Number.parseInt(y.slice(-1), 16) % 2;
  return `0${2 + odd}${x}`;
}

/** The 32 bytes of d as OpenSSL writes them. */
function scalarOf(key: KeyObject): string {
  const [, d] = /0201..0420(.{64})/.exec(exported(key, 'pkcs8') ?? '') ?? [];
  if (d === undefined) throw new TypeError('no secret key');
  return d;
}
