// SPDX-License-Identifier: Apache-2.0
// Who a serialized identity is: its organisation, its role by the certificate's OU, its key. Certificates are checked once and kept.
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { fromUtf8, toHex } from '@zhenglian/core/bytes';
import { fromPemBytes, parseCertificate, verifyIssued } from '@zhenglian/core/x509';
import { msp as mspMessages } from '../protos.ts';
import { publicKeyOf, verifySignature } from '../identity.ts';
import type { KeyObject } from 'node:crypto';

/** Roles of Fabric's NodeOUs. */
export type Role = 'admin' | 'peer' | 'client';

/** A member whose certificate stands under its organisation's root. */
export interface Member {
  readonly msp: string;
  readonly role: Role;
  readonly key: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Names the member behind an identity, whose certificate must be in force `at` (unix seconds). @throws LEDGER_REFUSED */
export type Membership = (identity: Uint8Array, at: number) => Member;

const MAX_CACHED = 4096;
const MAX_IDENTITY_BYTES = 16_384;

/** Membership under these roots (DER by MSP). */
export function createMembership(roots: ReadonlyMap<string, Uint8Array>): Membership {
  const cache = new Map<string, Member>();
  return (identity, at) => {
    if (identity.length > MAX_IDENTITY_BYTES) throw refused('too long an identity');
    const cacheKey = toBinary(identity);
    let member = cache.get(cacheKey);
    if (!member) {
      member = readMember(identity, roots);
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(cacheKey, member);
    }
    if (at < member.notBefore || at > member.notAfter)
      throw refused('a certificate out of its time');
    return member;
  };
}

/** The member, if it signed this message. @throws LEDGER_REFUSED */
export function requireSigned(
  membership: Membership,
  signed: {
    readonly identity: Uint8Array;
    readonly message: Uint8Array;
    readonly signature: Uint8Array;
    readonly at: number;
  },
): Member {
  const member = membership(signed.identity, signed.at);
  if (!verifySignature(member.key, signed.message, signed.signature)) {
    throw refused(`a signature of ${member.msp} does not hold`);
  }
  return member;
}

function readMember(identity: Uint8Array, roots: ReadonlyMap<string, Uint8Array>): Member {
  try {
    const message = mspMessages.SerializedIdentity.deserializeBinary(identity);
    const msp: string = message.getMspid();
    const pem: Uint8Array = message.getIdBytes_asU8();
    const root = roots.get(msp);
    const der = fromPemBytes(pem);
    const { subject, notBefore, notAfter } = parseCertificate(der);
    const role = roleOf(subject.organisationalUnits);
    if (root === undefined || role === undefined || !verifyIssued(der, root)) {
      throw refused(`not a member of an organisation: ${toHex(identity.subarray(0, 8))}`);
    }
    return { msp, role, notBefore, notAfter, key: publicKeyOf(fromUtf8(pem)) };
  } catch (cause) {
    if (isCodedError(cause, 'LEDGER_REFUSED')) throw cause;
    throw new CodedError('LEDGER_REFUSED', 'no readable identity', { cause });
  }
}

function roleOf(units: readonly string[]): Role | undefined {
  const roles = (['admin', 'peer', 'client'] as const).filter((role) => units.includes(role));
  return roles.length === 1 ? roles[0] : undefined;
}

function toBinary(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function refused(why: string): CodedError {
  return new CodedError('LEDGER_REFUSED', why);
}
