// SPDX-License-Identifier: Apache-2.0
// Other people's SM2 and SM3, to judge ours: OpenSSL through node:crypto, sm-crypto, sm-crypto-v2.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { sm2, sm3 } from '../../guomi/src/index.ts';
import { concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { userDigest } from '../../guomi/src/message-digest.ts';
import { compressRolled } from '../../guomi/src/sm3-rolled.ts';

type SmCrypto = Readonly<{
  sm2: Readonly<{
    doSignature: (message: Uint8Array, secretKey: string, options: object) => string;
    doVerifySignature: (
      message: Uint8Array,
      signature: string,
      publicKey: string,
      options: object,
    ) => boolean;
  }>;
}>;
type SmCryptoV2 = SmCrypto &
  Readonly<{
    sm4: Readonly<{
      encrypt: (
        text: Uint8Array,
        key: Uint8Array,
        options: object,
      ) => Readonly<{ output: Uint8Array; tag: Uint8Array }>;
    }>;
  }>;
export type SmCryptoName = 'sm-crypto' | 'sm-crypto-v2';

const require = createRequire(import.meta.url);
const SM_CRYPTO_V2: SmCryptoV2 = require('sm-crypto-v2');
const SM_CRYPTO: Readonly<Record<SmCryptoName, SmCrypto>> = {
  'sm-crypto': require('sm-crypto'),
  'sm-crypto-v2': SM_CRYPTO_V2,
};
// sm-crypto-v2 would sign the message as its own hash, without ZA, if not told to hash.
const SM_CRYPTO_OPTIONS = { hash: true, userId: '1234567812345678' };

export function opensslSm3(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sm3').update(bytes).digest());
}

/** OpenSSL's SM2 has an empty ID when driven by Node: ZA goes in as the message's head. */
export function opensslVerify(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  userId: Uint8Array = sm2.DEFAULT_USER_ID,
): boolean {
  const key = createPublicKey({
    key: Buffer.from(sm2.encodeSpki(publicKey)),
    format: 'der',
    type: 'spki',
  });
  return createVerify('sm3')
    .update(userDigest(compressRolled, publicKey, userId))
    .update(message)
    .verify(key, sm2.encodeSignatureDer(signature));
}

export function opensslSign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const key = createPrivateKey({
    key: Buffer.from(sm2.encodePkcs8(secretKey)),
    format: 'der',
    type: 'pkcs8',
  });
  const za = userDigest(compressRolled, sm2.publicKeyOf(secretKey));
  return sm2.decodeSignatureDer(createSign('sm3').update(za).update(message).sign(key));
}

export function smCryptoVerify(
  name: SmCryptoName,
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return SM_CRYPTO[name].sm2.doVerifySignature(
    message,
    Buffer.from(signature).toString('hex'),
    Buffer.from(publicKey).toString('hex'),
    SM_CRYPTO_OPTIONS,
  );
}

export function smCryptoSign(
  name: SmCryptoName,
  message: Uint8Array,
  secretKey: Uint8Array,
): Uint8Array {
  const secretHex = Buffer.from(secretKey).toString('hex');
  return hexToBytes(SM_CRYPTO[name].sm2.doSignature(message, secretHex, SM_CRYPTO_OPTIONS));
}

/** Ciphertext ‖ tag; OpenSSL as Node has it knows SM4, but not in GCM. */
export function smCryptoGcm(
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  const options = { mode: 'gcm', iv, associatedData: additional, output: 'array', outputTag: true };
  const { output, tag } = SM_CRYPTO_V2.sm4.encrypt(text, key, options);
  return concatBytes(output, tag);
}

/** A repeatable stream of bytes: SM3 of seed and counter. */
export function seededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const parts: Uint8Array[] = [];
    for (let made = 0; made < length; made += 32) {
      parts.push(sm3.hash(new TextEncoder().encode(`${seed}/${counter}`)));
      counter += 1;
    }
    return concatBytes(...parts).subarray(0, length);
  };
}
