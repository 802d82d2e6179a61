// SPDX-License-Identifier: Apache-2.0
// Claim codes and what a wallet signs to claim or renew a device copy (docs/api.md §3).
import { sm3 } from '@zhenglian/guomi';
import { concat, utf8 } from './bytes.ts';
import { encodeCbor } from './cbor.ts';
import { CodedError } from './errors.ts';

/** Crockford's base32: no I, L, O, U, so that a code can be read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 16;

/** A claim code of 80 random bits: four groups of four characters. */
export function formatClaimCode(random: Uint8Array): string {
  if (random.length !== 10) throw new RangeError('a claim code is made of 10 random bytes');
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const characters = Array.from({ length: CODE_LENGTH }, (_, i) =>
    ALPHABET.charAt(Number.parseInt(bits.slice(5 * i, 5 * i + 5), 2)),
  ).join('');
  return (characters.match(/.{4}/g) ?? []).join('-');
}

/** The 16 characters of a code as a person types it: any case, hyphens and spaces, O for 0, I and L for 1. @throws CLAIM_CODE_INVALID */
export function parseClaimCode(text: string): string {
  const code = text
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  if (code.length !== CODE_LENGTH || [...code].some((c) => !ALPHABET.includes(c))) {
    throw new CodedError('CLAIM_CODE_INVALID', 'a claim code has 16 letters and digits');
  }
  return code;
}

/** What a gateway keeps of a code. @throws CLAIM_CODE_INVALID */
export function claimCodeDigest(code: string): Uint8Array {
  return sm3.hash(concat(utf8('ZL/claim/1'), utf8(parseClaimCode(code))));
}

/** What the holder's key signs to claim, purpose `claim`. `gateway` is its MSP id, `at` unix seconds. */
export function claimPayload(claim: {
  readonly code: string;
  readonly gateway: string;
  readonly holderKey: Uint8Array;
  readonly at: number;
}): Uint8Array {
  return encodeCbor([claimCodeDigest(claim.code), claim.gateway, claim.holderKey, claim.at]);
}

/** What the old holder key signs to have a copy made for a new one, purpose `claim`. */
export function renewalPayload(renewal: {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
  readonly newHolderKey: Uint8Array;
  readonly gateway: string;
  readonly at: number;
}): Uint8Array {
  const { kid, epoch, index, newHolderKey, gateway, at } = renewal;
  return encodeCbor(['renew', kid, epoch, index, newHolderKey, gateway, at]);
}
