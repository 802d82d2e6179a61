// SPDX-License-Identifier: Apache-2.0
// SM2 keys as bytes: generation, derivation, point forms. Containers are in key-containers.ts.
import { asBytes, copyBytes, numberToBytes32, wipe } from './bytes.ts';
import { CURVE } from './curve.ts';
import { currentEngine } from './current-engine.ts';
import { GuomiError } from './errors.ts';
import { draw, platformRandom, type RandomBytes } from './nonce.ts';

/** A secret key (d, 32 bytes in [1, n−2]) and its public key (04 ‖ x ‖ y, 65 bytes). */
export type KeyPair = Readonly<{ secretKey: Uint8Array; publicKey: Uint8Array }>;

/**
 * Makes a key pair: d by rejection sampling in [1, n−2], public key as 65 bytes.
 * @throws GuomiError RANDOM_FAILED
 */
export function generateKeyPair(random: RandomBytes = platformRandom): KeyPair {
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const secretKey = drawSecret(random);
    if (isSecretKey(secretKey)) return pairOf(secretKey);
  }
  throw new GuomiError('RANDOM_FAILED', 'the random source gave no key in 64 draws');
}

/** Bytes of our own. What the platform gave is cleared; what a source of the caller's gave is the caller's. */
function drawSecret(random: RandomBytes): Uint8Array {
  const drawn = draw(random, 32);
  const secret = copyBytes(drawn);
  if (random === platformRandom) wipe(drawn);
  return secret;
}

function pairOf(secretKey: Uint8Array): KeyPair {
  try {
    return { secretKey, publicKey: currentEngine().publicKeyOf(secretKey) };
  } catch (error) {
    wipe(secretKey);
    throw error;
  }
}

/**
 * Returns the 65-byte public key of a 32-byte secret key.
 * @throws GuomiError SECRET_KEY_INVALID
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  const copy = checkSecretKey(secretKey);
  try {
    return currentEngine().publicKeyOf(copy);
  } finally {
    wipe(copy);
  }
}

/**
 * Returns the 33-byte form of a public key (65 or 33 bytes).
 * @throws GuomiError PUBLIC_KEY_INVALID
 */
export function compressPublicKey(publicKey: Uint8Array): Uint8Array {
  const point = decompressPublicKey(publicKey);
  return Uint8Array.of(2 + ((point[64] ?? 0) & 1), ...point.subarray(1, 33));
}

/**
 * Returns the 65-byte form of a public key (65 or 33 bytes).
 * @throws GuomiError PUBLIC_KEY_INVALID
 */
export function decompressPublicKey(publicKey: Uint8Array): Uint8Array {
  const point = currentEngine().decompress(asBytes(publicKey, 'publicKey'));
  if (point === undefined) {
    throw new GuomiError(
      'PUBLIC_KEY_INVALID',
      'a public key is a point of sm2p256v1, 65 or 33 bytes',
    );
  }
  return point;
}

/** Returns a private copy of a secret key in [1, n−2]. */
export function checkSecretKey(secretKey: Uint8Array): Uint8Array {
  const copy = copyBytes(asBytes(secretKey, 'secretKey'));
  if (!isSecretKey(copy)) {
    wipe(copy);
    throw new GuomiError('SECRET_KEY_INVALID', 'a secret key is 32 bytes in [1, n-2]');
  }
  return copy;
}

// Compared byte by byte with a borrow, so that no branch depends on the key.
function isSecretKey(secretKey: Uint8Array): boolean {
  if (secretKey.length !== 32) return false;
  let any = 0;
  let borrow = 0;
  for (let index = 31; index >= 0; index -= 1) {
    const byte = secretKey[index] ?? 0;
    any |= byte;
    borrow = ((byte - (BOUND[index] ?? 0) - borrow) >> 8) & 1;
  }
  return (((any + 255) >> 8) & borrow) === 1;
}

const BOUND = numberToBytes32(CURVE.n - 1n);
