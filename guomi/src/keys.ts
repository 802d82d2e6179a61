// SPDX-License-Identifier: Apache-2.0
// SM2 keys as bytes: generation, derivation, point forms. Containers are in key-containers.ts.
import { asBytes, copyBytes } from './bytes.ts';
import { multiplyBase } from './complete.ts';
import { isSecretKey, pointOf } from './curve.ts';
import { GuomiError } from './errors.ts';
import { draw, platformRandom, type RandomBytes } from './nonce.ts';

export type KeyPair = Readonly<{ secretKey: Uint8Array; publicKey: Uint8Array }>;

/**
 * Makes a key pair: d by rejection sampling in [1, n−2], public key as 65 bytes.
 * @throws GuomiError RANDOM_FAILED
 */
export function generateKeyPair(random: RandomBytes = platformRandom): KeyPair {
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const secretKey = copyBytes(draw(random, 32));
    if (isSecretKey(secretKey)) return { secretKey, publicKey: multiplyBase(secretKey) };
  }
  throw new GuomiError('RANDOM_FAILED', 'the random source gave no key in 64 draws');
}

/**
 * Returns the 65-byte public key of a 32-byte secret key.
 * @throws GuomiError SECRET_KEY_INVALID
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return multiplyBase(checkSecretKey(secretKey));
}

/**
 * Returns the 33-byte form of a public key (65 or 33 bytes).
 * @throws GuomiError PUBLIC_KEY_INVALID
 */
export function compressPublicKey(publicKey: Uint8Array): Uint8Array {
  return pointBytes(publicKey, true);
}

/**
 * Returns the 65-byte form of a public key (65 or 33 bytes).
 * @throws GuomiError PUBLIC_KEY_INVALID
 */
export function decompressPublicKey(publicKey: Uint8Array): Uint8Array {
  return pointBytes(publicKey, false);
}

/** Returns a private copy of a secret key in [1, n−2]. */
export function checkSecretKey(secretKey: Uint8Array): Uint8Array {
  const copy = copyBytes(asBytes(secretKey, 'secretKey'));
  if (!isSecretKey(copy)) {
    throw new GuomiError('SECRET_KEY_INVALID', 'a secret key is 32 bytes in [1, n-2]');
  }
  return copy;
}

function pointBytes(publicKey: Uint8Array, compressed: boolean): Uint8Array {
  const point = pointOf(asBytes(publicKey, 'publicKey'));
  if (point === undefined) {
    throw new GuomiError(
      'PUBLIC_KEY_INVALID',
      'a public key is a point of sm2p256v1, 65 or 33 bytes',
    );
  }
  return point.toBytes(compressed);
}
