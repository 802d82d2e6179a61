// SPDX-License-Identifier: Apache-2.0
// A signing key of an authority, and how far it is good once burned (docs/ledger.md §2).
import { encodeCbor } from '../cbor.ts';
import type { CborValue } from '../cbor.ts';
import { dictionary, list, optional, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import {
  epochNumber,
  kid,
  msp,
  publicKey,
  stamp,
  statusIndex,
  time,
  typeCode,
  uscc,
} from './fields.ts';

/** Last good index of each epoch; in an epoch not named nothing is good. */
export const lastGood = dictionary(epochNumber, statusIndex);

export const authorityKey = record({
  kid,
  uscc,
  msp,
  publicKey,
  types: list(typeCode, 64),
  notBefore: time,
  notAfter: time,
  burned: optional(record({ at: time, lastGood })),
  ...stamp,
});

export type LastGood = ReadonlyMap<number, number>;
/** Record `key/<kid>`. */
export type AuthorityKey = Shaped<typeof authorityKey>;

/** @throws SHAPE_INVALID */
export function parseAuthorityKey(value: CborValue): AuthorityKey {
  return authorityKey(value, 'key');
}

/** What a key signs, purpose `possession`, to be registered. */
export function possessionPayload(
  owner: string,
  authority: string,
  newKey: Uint8Array,
): Uint8Array {
  return encodeCbor([owner, authority, newKey]);
}
