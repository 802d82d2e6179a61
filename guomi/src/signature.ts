// SPDX-License-Identifier: Apache-2.0
// Verifying SM2 signatures (GB/T 32918.2-2016 §7.1) and their two forms, raw r‖s and DER.
import { asBytes, concatBytes } from './bytes.ts';
import { encodeElement, encodeInteger, readInteger32, readSequence, TAG } from './der.ts';
import { batchEngine, verifyingEngine } from './current-engine.ts';
import type { VerifyRequest } from './engine-interface.ts';
import { GuomiError } from './errors.ts';
import { checkUserId } from './message-digest.ts';

export type VerifyOptions = Readonly<{ userId?: Uint8Array | undefined }>;

/** One signature of a batch. */
export type VerifyItem = Readonly<{
  signature: Uint8Array;
  message: Uint8Array;
  publicKey: Uint8Array;
  userId?: Uint8Array | undefined;
}>;

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
  return verifyingEngine().verify(
    checked({ signature, message, publicKey, userId: options.userId }),
  );
}

/**
 * Verifies many signatures; each answer is independent of the other items.
 * @throws GuomiError USER_ID_TOO_LONG
 */
export function verifyBatch(items: readonly VerifyItem[]): boolean[] {
  const requests = items.map(checked);
  return batchEngine(requests.length).verifyBatch(requests);
}

function checked({ signature, message, publicKey, userId }: VerifyItem): VerifyRequest {
  checkUserId(userId);
  return {
    signature: asBytes(signature, 'signature'),
    message: asBytes(message, 'message'),
    publicKey: asBytes(publicKey, 'publicKey'),
    userId,
  };
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
