// SPDX-License-Identifier: Apache-2.0
// SM2 signatures (GB/T 32918.2-2016): messages in, raw r‖s of 64 bytes out, verification to a boolean.
import { asBytes, concatBytes } from './bytes.ts';
import { multiplyBase, signDigest, verifyDigest } from './complete.ts';
import { pointOf } from './curve.ts';
import { encodeElement, encodeInteger, readInteger32, readSequence, TAG } from './der.ts';
import { GuomiError } from './errors.ts';
import { checkSecretKey } from './keys.ts';
import { messageDigest } from './message-digest.ts';
import { nonces, platformRandom, type RandomBytes } from './nonce.ts';

export type VerifyOptions = Readonly<{ userId?: Uint8Array | undefined }>;

export type SignOptions = Readonly<{
  userId?: Uint8Array | undefined;
  /** The source of the 32 bytes that hedge the nonce; the platform's when absent. */
  random?: RandomBytes | undefined;
  /** No random bytes at all: the same input gives the same signature. For vectors. */
  deterministic?: boolean | undefined;
}>;

/** One signature of a batch. */
export type VerifyItem = Readonly<{
  signature: Uint8Array;
  message: Uint8Array;
  publicKey: Uint8Array;
  userId?: Uint8Array | undefined;
}>;

/**
 * Signs `message` and returns r‖s (64 bytes).
 * @throws GuomiError SECRET_KEY_INVALID, USER_ID_TOO_LONG, RANDOM_FAILED
 */
export function sign(
  message: Uint8Array,
  secretKey: Uint8Array,
  options: SignOptions = {},
): Uint8Array {
  const d = checkSecretKey(secretKey);
  const digest = messageDigest(asBytes(message, 'message'), multiplyBase(d), options.userId);
  const random = options.deterministic === true ? undefined : (options.random ?? platformRandom);
  const next = nonces(d, digest, random);
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const signature = signDigest(digest, d, next());
    if (signature !== undefined) {
      d.fill(0);
      return signature;
    }
  }
  throw new GuomiError('RANDOM_FAILED', 'no nonce fitted in 64 tries');
}

/**
 * Says whether `signature` (r‖s) is by `publicKey` (65 or 33 bytes) over `message`; false for
 * anything malformed.
 * @throws GuomiError USER_ID_TOO_LONG
 */
export function verify(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  options: VerifyOptions = {},
): boolean {
  const point = pointOf(asBytes(publicKey, 'publicKey'))?.toBytes(false);
  const digest = messageDigest(
    asBytes(message, 'message'),
    point ?? new Uint8Array(65),
    options.userId,
  );
  const raw = asBytes(signature, 'signature');
  return point !== undefined && verifyDigest(raw, digest, point);
}

/** Verifies many signatures; each answer is independent of the other items. */
export function verifyBatch(items: readonly VerifyItem[]): boolean[] {
  return items.map((item) => verify(item.signature, item.message, item.publicKey, item));
}

/**
 * Turns r‖s into DER: SEQUENCE { r INTEGER, s INTEGER }.
 * @throws GuomiError SIGNATURE_MALFORMED
 */
export function encodeSignatureDer(signature: Uint8Array): Uint8Array {
  const raw = asBytes(signature, 'signature');
  if (raw.length !== 64) throw new GuomiError('SIGNATURE_MALFORMED', 'r‖s has 64 bytes');
  const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
  return encodeElement(TAG.sequence, encodeInteger(r), encodeInteger(s));
}

/**
 * Turns strict DER into r‖s; non-minimal, negative, oversized, mistagged or trailing bytes refuse.
 * @throws GuomiError SIGNATURE_MALFORMED
 */
export function decodeSignatureDer(der: Uint8Array): Uint8Array {
  const [first, second, ...rest] = readSequence(asBytes(der, 'der')) ?? [];
  const r = readInteger32(first);
  const s = readInteger32(second);
  if (r === undefined || s === undefined || rest.length > 0) {
    throw new GuomiError('SIGNATURE_MALFORMED', 'not the strict DER of an SM2 signature');
  }
  return concatBytes(r, s);
}
