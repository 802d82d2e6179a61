// SPDX-License-Identifier: Apache-2.0
// What SM2 signs: e = SM3(ZA ‖ M), ZA = SM3(ENTL ‖ ID ‖ a ‖ b ‖ G ‖ P) (GB/T 32918.2-2016 §5.5).
import { asBytes, concatBytes, numberToBytes32 } from './bytes.ts';
import { CURVE } from './curve.ts';
import { GuomiError } from './errors.ts';
import { createStream, type Compress } from './sm3-stream.ts';

/** The user ID where nothing else is agreed: "1234567812345678" (GB/T 35276-2017 §10). */
export const DEFAULT_USER_ID: Readonly<Uint8Array> = new TextEncoder().encode('1234567812345678');

const USER_ID_MAX_BYTES = 8191; // ENTL counts bits in sixteen bits
const DOMAIN = concatBytes(...[CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy].map(numberToBytes32));

/**
 * Returns e for `message` under a 65-byte public key.
 * @throws GuomiError USER_ID_TOO_LONG
 */
export function messageDigest(
  compress: Compress,
  message: Uint8Array,
  publicKey: Uint8Array,
  userId: Uint8Array = DEFAULT_USER_ID,
): Uint8Array {
  const head = userDigest(compress, publicKey, userId);
  return createStream(compress).update(head).update(message).digest();
}

/** Returns ZA, the digest that binds user ID, curve and public key. */
export function userDigest(
  compress: Compress,
  publicKey: Uint8Array,
  userId: Uint8Array = DEFAULT_USER_ID,
): Uint8Array {
  return createStream(compress).update(userHead(userId)).update(publicKey.subarray(1)).digest();
}

/** ENTL ‖ ID ‖ a ‖ b ‖ G: what comes before the key's coordinates. */
export function userHead(userId: Uint8Array): Uint8Array {
  return concatBytes(entityLength(userId), userId, DOMAIN);
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
