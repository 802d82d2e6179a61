// SPDX-License-Identifier: Apache-2.0
// What the ledger engines' own signatures need, and only they: ECDSA on P-256 and SHA-256 (FIPS 186-4, 180-4).
// Licences never use it; they are signed with SM2 (room guomi).
import { p256 } from '@noble/curves/nist.js';
import { sha256 as hash } from '@noble/hashes/sha2.js';

/** SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash(bytes);
}

/** Tells whether a DER signature holds under an uncompressed key; `lowS` refuses the second form of a signature. */
export function verifyP256(
  derSignature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  lowS: boolean,
): boolean {
  if (derSignature.length > 72 || publicKey.length !== 65) return false;
  try {
    return p256.verify(derSignature, message, publicKey, { format: 'der', lowS });
  } catch {
    // The library throws on malformed DER and on points off the curve: both are plain refusals here.
    return false;
  }
}
