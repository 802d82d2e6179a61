// SPDX-License-Identifier: Apache-2.0
// Identities as Fabric has them: an MSP with a certificate, and a P-256 key that signs in the low form.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { utf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { msp as mspMessages } from './protos.ts';

/** Certificate and key of one member of an organisation. */
export interface MemberIdentity {
  readonly msp: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Signs a message: ECDSA P-256, SHA-256, DER, low s. */
export type Signer = (message: Uint8Array) => Uint8Array;

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The signer of a PKCS#8 P-256 key. @throws LEDGER_REFUSED when the text is no such key */
export function createSigner(keyPem: string): Signer {
  const key = privateKey(keyPem);
  return (message) => {
    const raw = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
    const r = BigInt(`0x${raw.subarray(0, 32).toString('hex')}`);
    const s = BigInt(`0x${raw.subarray(32).toString('hex')}`);
    // Fabric refuses the high form, which anybody could make of a low one.
    return encodeSignature(r, s > ORDER / 2n ? ORDER - s : s);
  };
}

/** Tells whether a DER signature in the low form holds; OpenSSL's path, for servers. */
export function verifySignature(key: KeyObject, message: Uint8Array, der: Uint8Array): boolean {
  return isLowForm(der) && verify('sha256', message, { key, dsaEncoding: 'der' }, der);
}

/** Public key object of a PEM certificate. @throws LEDGER_REFUSED */
export function publicKeyOf(certificatePem: string): KeyObject {
  try {
    return createPublicKey(certificatePem);
  } catch (cause) {
    throw new CodedError('LEDGER_REFUSED', 'no readable certificate', { cause });
  }
}

/** Fabric's SerializedIdentity: MSP and PEM certificate. */
export function serializeIdentity(msp: string, certificatePem: string): Uint8Array {
  const identity = new mspMessages.SerializedIdentity();
  identity.setMspid(msp);
  identity.setIdBytes(utf8(certificatePem));
  return identity.serializeBinary();
}

function privateKey(keyPem: string): KeyObject {
  try {
    const key = createPrivateKey(keyPem);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch (cause) {
    throw new CodedError('LEDGER_REFUSED', 'no readable private key', { cause });
  }
  throw new CodedError('LEDGER_REFUSED', 'the private key is not on P-256');
}

function encodeSignature(r: bigint, s: bigint): Uint8Array {
  const body = [...integer(r), ...integer(s)];
  return Uint8Array.from([0x30, body.length, ...body]);
}

function integer(value: bigint): number[] {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const content = (digits[0] ?? 0) > 0x7f ? [0, ...digits] : [...digits];
  return [2, content.length, ...content];
}

function isLowForm(der: Uint8Array): boolean {
  if (der.length < 8 || der.length > 72 || der[0] !== 0x30) return false;
  const start = 4 + (der[3] ?? 0);
  if (der[start] !== 2) return false;
  const s = Buffer.from(der.subarray(start + 2)).toString('hex');
  return s.length > 0 && BigInt(`0x${s}`) <= ORDER / 2n;
}
