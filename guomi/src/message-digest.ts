// SPDX-License-Identifier: Apache-2.0
// What SM2 signs: e = SM3(ZA ‖ M), ZA = SM3(ENTL ‖ ID ‖ a ‖ b ‖ G ‖ P) (GB/T 32918.2-2016 §5.5).
import { asBytes, concatBytes, numberToBytes32 } from './bytes.ts';
import { CURVE, type Parameters } from './curve.ts';
import { GuomiError } from './errors.ts';
import { createStream, type Compress } from './sm3-stream.ts';

/** The user ID where nothing else is agreed: "1234567812345678" (GB/T 35276-2017 §10). */
export const DEFAULT_USER_ID: Readonly<Uint8Array> = agreedUserId();

/** Ours, which nobody can write to. */
const USER_ID = agreedUserId();

function agreedUserId(): Uint8Array {
  return new TextEncoder().encode('1234567812345678');
}

const USER_ID_MAX_BYTES = 8191; // ENTL counts bits in sixteen bits

/**
 * Returns e for `message` under a 65-byte public key.
 * @throws GuomiError USER_ID_TOO_LONG
 */
export function messageDigest(
  compress: Compress,
  message: Uint8Array,
  publicKey: Uint8Array,
  userId: Uint8Array = USER_ID,
): Uint8Array {
  const head = userDigest(compress, publicKey, userId);
  return createStream(compress).update(head).update(message).digest();
}

/** Returns ZA, the digest that binds user ID, curve and public key. */
export function userDigest(
  compress: Compress,
  publicKey: Uint8Array,
  userId: Uint8Array = USER_ID,
  parameters: Parameters = CURVE,
): Uint8Array {
  const head = userHead(userId, parameters);
  return createStream(compress).update(head).update(publicKey.subarray(1)).digest();
}

/** ENTL ‖ ID ‖ a ‖ b ‖ G: what comes before the key's coordinates. */
export function userHead(userId: Uint8Array = USER_ID, parameters: Parameters = CURVE): Uint8Array {
  const { a, b, Gx, Gy } = parameters;
  return concatBytes(entityLength(userId), userId, ...[a, b, Gx, Gy].map(numberToBytes32));
}

/** @throws GuomiError USER_ID_TOO_LONG */
export function checkUserId(userId: Uint8Array | undefined): void {
  if (userId !== undefined && asBytes(userId, 'userId').length > USER_ID_MAX_BYTES) {
    throw new GuomiError('USER_ID_TOO_LONG', `a user ID has at most ${USER_ID_MAX_BYTES} bytes`);
  }
}

function entityLength(userId: Uint8Array): Uint8Array {
  checkUserId(userId);
  const bits = 8 * userId.length;
  return Uint8Array.of(bits >>> 8, bits & 0xff);
}
