// SPDX-License-Identifier: Apache-2.0
// One copy of a licence as its gateway keeps it, sealed: signed with its place on the ledger from the first. Whether
// that place is anchored yet is its lane's to tell (lane.ts), so that anchoring rewrites no copy.
import type { CborValue } from '@zhenglian/core/cbor';
import type { Copy } from '@zhenglian/core/copy';
import {
  bool,
  bytes,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { membersOf, putMembers } from '../store/table-cbor.ts';
import type { TableChange } from '../store/table.ts';
import { anyValue, id } from './licence-record.ts';
import type { LicenceRecord } from './licence-record.ts';

/** Where a copy stands, and what was signed for it. */
export const copyPlace = record({
  kid: bytes(8),
  epoch: integer(0, 0xffff_ffff),
  index: integer(0, 65_535),
  firstDay: integer(-354_285, 2_932_896),
  lastDay: integer(-354_285, 2_932_896),
  seed: bytes(16),
  signature: bytes(64),
  /** Where they are not the licence's own: a device copy says how old its holder was when it was made. */
  values: optional(list(anyValue, 32)),
});
const storedCopy = record({
  uscc: text(18),
  type: text(32),
  holderKey: nullable(bytes(33)),
  /** Its own state, whatever becomes of the licence: a lost phone stays revoked. */
  own: oneOf('valid', 'suspended', 'revoked'),
  /** The licence was revoked before this copy was in a batch: its index is void. */
  abandoned: bool,
  place: copyPlace,
  job: optional(id),
});

/** The order in which they are stored, those of its place behind its own. */
const MEMBERS = ['uscc', 'type', 'holderKey', 'own', 'abandoned', 'job'];
const PLACE_MEMBERS = [
  ...['kid', 'epoch', 'index', 'firstDay', 'lastDay', 'seed', 'signature', 'values'],
];

/** Where a copy stands on the ledger, and what was signed for it. */
export type CopyPlace = Shaped<typeof copyPlace>;

/** A copy as it is stored. */
export type StoredCopy = Shaped<typeof storedCopy> & {
  readonly id: string;
  readonly licence: string;
};

/** A copy, and how far it has come. */
export type CopyRecord = StoredCopy & { readonly step: 'signed' | 'anchored' | 'abandoned' };

/** Key of a copy in the sealed store: all copies of a licence are together. */
export function copyKey(licence: string, copy: string): string {
  return `copy/${licence}/${copy}`;
}

/** The change that stores a copy. */
export function storeCopy(copy: StoredCopy): TableChange {
  const key = copyKey(copy.licence, copy.id);
  return putMembers(key, [...MEMBERS, ...PLACE_MEMBERS], { ...copy, ...copy.place });
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeStoredCopy(licence: string, copy: string, encoded: Uint8Array): StoredCopy {
  const members = membersOf([...MEMBERS, ...PLACE_MEMBERS], encoded);
  const placed = new Map<string, CborValue>();
  for (const name of PLACE_MEMBERS) {
    const value = members.get(name);
    if (value !== undefined) placed.set(name, value);
    members.delete(name);
  }
  members.set('place', placed).set('holderKey', members.get('holderKey') ?? null);
  return { ...storedCopy(members, 'copy'), id: copy, licence };
}

/** The copy as its holder gets it. */
export function holderCopy(
  { holderKey, place: { values, ...placed } }: StoredCopy,
  licence: LicenceRecord,
  type: TypeDefinition,
): Copy {
  return {
    ...placed,
    typeNumber: type.number,
    typeVersion: type.version,
    holderKey,
    extensions: new Map(),
    values: values ?? licence.values,
  };
}
