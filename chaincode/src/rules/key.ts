// SPDX-License-Identifier: Apache-2.0
// May a key be registered, burned, used? (docs/ledger.md §2, §6)
import { compressKey, keyId, verifyFor } from '@zhenglian/core/signing';
import { equals } from '@zhenglian/core/bytes';
import type { Authority } from '@zhenglian/core/records/authority';
import type { RegisterKeyRequest } from '@zhenglian/core/records/consortium-request';
import { possessionPayload } from '@zhenglian/core/records/key';
import type { AuthorityKey, LastGood } from '@zhenglian/core/records/key';
import { demand, refuseAs } from '../refusal.ts';

type KeyContent = Omit<AuthorityKey, 'rev' | 'at'>;

/** The kid of a key that proves it is in the requester's hands. @throws REQUEST_INVALID, SIGNATURE_INVALID */
export function decidePossession(
  msp: string,
  request: RegisterKeyRequest,
  networkId: Uint8Array,
): Uint8Array {
  const { uscc, publicKey, possession } = request;
  const kid = refuseAs('REQUEST_INVALID', () => keyId(publicKey));
  demand(equals(compressKey(publicKey), publicKey), 'REQUEST_INVALID', 'not a compressed point');
  const payload = possessionPayload(msp, uscc, publicKey);
  demand(
    verifyFor({ purpose: 'possession', networkId, publicKey, payload, signature: possession }),
    'SIGNATURE_INVALID',
    'the key has not signed for this authority',
  );
  return kid;
}

/** A key as requested. @throws ACCESS_DENIED, AUTHORITY_WITHDRAWN, SCOPE, REQUEST_INVALID */
export function decideRegistration(
  msp: string,
  request: RegisterKeyRequest,
  authority: Authority,
  kid: Uint8Array,
): KeyContent {
  const { uscc, publicKey, types, notBefore, notAfter } = request;
  demand(authority.msp === msp, 'ACCESS_DENIED', 'the authority is of another organisation');
  requireAccredited(authority);
  demand(
    types.length > 0 && types.every((type) => authority.types.includes(type)),
    'SCOPE',
    'the authority is not accredited for every type of the key',
  );
  demand(new Set(types).size === types.length, 'REQUEST_INVALID', 'a type stands twice');
  demand(notBefore < notAfter, 'REQUEST_INVALID', 'the window is empty');
  return { kid, uscc, msp, publicKey, types, notBefore, notAfter };
}

/** A key burned as asked: for the first time, or earlier than before. @throws BURN_LATER */
export function decideBurn(key: AuthorityKey, lastGood: LastGood, at: number): AuthorityKey {
  const before = key.burned;
  if (before !== undefined) {
    for (const [epoch, index] of lastGood) {
      const last = before.lastGood.get(epoch);
      demand(last !== undefined && index <= last, 'BURN_LATER', 'a burn may only move earlier');
    }
  }
  return { ...key, burned: { at: before?.at ?? at, lastGood } };
}

/** @throws AUTHORITY_WITHDRAWN */
export function requireAccredited(authority: Authority): void {
  demand(
    authority.status === 'accredited',
    'AUTHORITY_WITHDRAWN',
    'the accreditation was withdrawn',
  );
}

/** A key that may sign now for this authority. @throws SCOPE, KEY_BURNED, KEY_WINDOW */
export function requireLivingKey(key: AuthorityKey, uscc: string, at: number): void {
  demand(key.uscc === uscc, 'SCOPE', 'the key is of another authority');
  demand(key.burned === undefined, 'KEY_BURNED', 'the key has been burned');
  demand(key.notBefore <= at && at <= key.notAfter, 'KEY_WINDOW', 'outside the window of the key');
}
