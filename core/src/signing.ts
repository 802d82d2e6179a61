// SPDX-License-Identifier: Apache-2.0
// SM2 signatures with a purpose: each is over a COSE Sig_structure (RFC 9052 §4.4) that names what it is for and on
// which network (docs/credential-format.md §1.1), so that no signature can be taken for another.
import { sm2, sm3 } from '@zhenglian/guomi';
import { concat, equals, uintBytes, utf8 } from './bytes.ts';
import { encodeCbor } from './cbor.ts';
import { CodedError } from './errors.ts';

/** What an SM2 signature of the product is for. */
export const PURPOSES = [
  'licence',
  'presentation',
  'claim',
  'batch',
  'status',
  'possession',
  'receipt',
  'rule',
  'trace',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** COSE algorithm number for SM2 with SM3: private use, none is registered. */
export const ALGORITHM_SM2_SM3 = -65701;

/** Signs a message and gives 64 bytes `r ‖ s`; the key stays behind it. */
export type SignFunction = (message: Uint8Array) => Uint8Array;

/** A public key and the function that signs for it. */
export interface Signer {
  readonly publicKey: Uint8Array;
  readonly sign: SignFunction;
}

/** Bytes of a key id. */
export const KID_BYTES = 8;
/** The protected header is a map that ends with the kid. */
const HEADER_BEFORE_KID = encodeCbor(
  new Map<number, number | Uint8Array>([
    [1, ALGORITHM_SM2_SM3],
    [4, new Uint8Array(KID_BYTES)],
  ]),
).subarray(0, -KID_BYTES);
/** Head of an array of four, and its first item. */
const SIGNATURE1 = concat(Uint8Array.of(0x84), encodeCbor('Signature1'));

/** What a signature is over; `kid` is that of the signing key. */
export interface SignedContent {
  readonly purpose: Purpose;
  readonly networkId: Uint8Array;
  readonly payload: Uint8Array;
}

/** Key id: first 8 bytes of SM3("ZL/kid/1" ‖ X ‖ Y). @throws KEY_INVALID when the key is not a point on the curve */
export function keyId(publicKey: Uint8Array): Uint8Array {
  const known = kids.get(publicKey);
  if (known !== undefined) return known;
  const kid = sm3.hash(concat(utf8('ZL/kid/1'), expandKey(publicKey).subarray(1))).slice(0, 8);
  kids.set(publicKey, kid);
  return kid;
}

/** Of keys that are records' own and never written to: the square root behind a compressed key is the dearest part of a check. */
const kids = new WeakMap<Uint8Array, Uint8Array>();

/** The 33-byte form of an SM2 public key. @throws KEY_INVALID */
export function compressKey(publicKey: Uint8Array): Uint8Array {
  return sm2.compressPublicKey(expandKey(publicKey));
}

/** The protected header of everything signed: algorithm and key id of 8 bytes. */
export function protectedHeader(kid: Uint8Array): Uint8Array {
  if (kid.length !== KID_BYTES) throw new TypeError('a kid has eight bytes');
  return concat(HEADER_BEFORE_KID, kid);
}

/** The bytes an SM2 signature is over. */
export function sigStructure(content: SignedContent & { readonly kid: Uint8Array }): Uint8Array {
  return sigStructureMaker(content)(content.payload);
}

/** Makes the signed bytes of many payloads of one purpose, network and key: what they share is encoded once. */
export function sigStructureMaker(
  shared: Omit<SignedContent, 'payload'> & { readonly kid: Uint8Array },
): (payload: Uint8Array) => Uint8Array {
  const external = encodeCbor(['zhenglian/1', shared.purpose, shared.networkId]);
  const opening = concat(SIGNATURE1, encodeCbor(protectedHeader(shared.kid)), encodeCbor(external));
  return (payload) => concat(opening, bytesHead(payload.length), payload);
}

/** Signs for a purpose. */
export function signFor(signer: Signer, content: SignedContent): Uint8Array {
  return signer.sign(sigStructure({ ...content, kid: keyId(signer.publicKey) }));
}

/** A signature that is to be checked. */
export type SignatureClaim = SignedContent & {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
};

/** Tells whether a signature for this purpose is that of the key; malformed input is false. */
export function verifyFor(claim: SignatureClaim): boolean {
  const request = requestOf(claim);
  if (request === undefined) return false;
  return sm2.verify(request.signature, request.message, request.publicKey);
}

/** The same of many signatures, which share the dearest steps. */
export function verifyAllFor(claims: readonly SignatureClaim[]): readonly boolean[] {
  const requests = claims.map((claim) => requestOf(claim));
  const answers = sm2.verifyBatch(requests.filter((request) => request !== undefined));
  let next = 0;
  return requests.map((request) => request !== undefined && answers[next++] === true);
}

/** Undefined for what is no signature, or no point: nothing can have been signed with it. */
function requestOf({ publicKey, signature, purpose, networkId, payload }: SignatureClaim) {
  if (signature.length !== 64) return undefined;
  try {
    const message = structureOf(publicKey, purpose, networkId)(payload);
    return { signature, publicKey, message };
  } catch {
    return undefined;
  }
}

/** What was made for a key last: most signatures of a key are for one purpose, on one network. */
function structureOf(publicKey: Uint8Array, purpose: Purpose, networkId: Uint8Array) {
  const known = structures.get(publicKey);
  if (known?.purpose === purpose && equals(known.networkId, networkId)) return known.make;
  const make = sigStructureMaker({ purpose, networkId, kid: keyId(publicKey) });
  structures.set(publicKey, { purpose, networkId: networkId.slice(), make });
  return make;
}

interface KnownStructure {
  readonly purpose: Purpose;
  readonly networkId: Uint8Array;
  readonly make: (payload: Uint8Array) => Uint8Array;
}

const structures = new WeakMap<Uint8Array, KnownStructure>();

/** Shortest head of a byte string (RFC 8949 §3.1). */
function bytesHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 + length);
  if (length < 0x100) return Uint8Array.of(0x58, length);
  if (length < 0x1_0000) return concat(Uint8Array.of(0x59), uintBytes(length, 2));
  return concat(Uint8Array.of(0x5a), uintBytes(length, 4));
}

function expandKey(publicKey: Uint8Array): Uint8Array {
  try {
    return sm2.decompressPublicKey(publicKey);
  } catch (cause) {
    throw new CodedError('KEY_INVALID', 'not an SM2 public key of 33 or 65 bytes', { cause });
  }
}
