// SPDX-License-Identifier: Apache-2.0
// What SM2 signs: e = SM3(ZA ‖ M), ZA = SM3(ENTL ‖ ID ‖ a ‖ b ‖ G ‖ P) (GB/T 32918.2-2016 §5.5).
import { asBytes, concatBytes, numberToBytes32 } from './bytes.ts';
import { CURVE } from './curve.ts';
import { GuomiError } from './errors.ts';
import { create, hash } from './sm3.ts';

/** The user ID where nothing else is agreed: "1234567812345678" (GB/T 35276-2017 §10). */
export const DEFAULT_USER_ID: Readonly<Uint8Array> = new TextEncoder().encode('1234567812345678');

const USER_ID_MAX_BYTES = 8191; // ENTL counts bits in sixteen bits
const DOMAIN = concatBytes(...[CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy].map(numberToBytes32));

/**
 * Returns e for `message` under a 65-byte public key.
 * @throws GuomiError USER_ID_TOO_LONG
 */
export function messageDigest(
  message: Uint8Array,
  publicKey: Uint8Array,
  userId: Uint8Array = DEFAULT_USER_ID,
): Uint8Array {
  return create().update(userDigest(publicKey, userId)).update(message).digest();
}

/** Returns ZA, the digest that binds user ID, curve and public key. */
export function userDigest(publicKey: Uint8Array, userId: Uint8Array): Uint8Array {
  const bits = 8 * asBytes(userId, 'userId').length;
  if (userId.length > USER_ID_MAX_BYTES) {
    throw new GuomiError('USER_ID_TOO_LONG', `a user ID has at most ${USER_ID_MAX_BYTES} bytes`);
  }
  const length = Uint8Array.of(bits >>> 8, bits & 0xff);
  return hash(concatBytes(length, userId, DOMAIN, publicKey.subarray(1)));
}
