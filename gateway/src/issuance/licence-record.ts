// SPDX-License-Identifier: Apache-2.0
// A licence as its gateway keeps it, sealed. What people read of it comes from here; the ledger has none of it.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import {
  bytes,
  dictionary,
  integer,
  list,
  oneOf,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shape, Shaped } from '@zhenglian/core/shape';
import { asCbor } from '@zhenglian/core/shape';
import type { SlotValue } from '@zhenglian/core/types/slot-value';
import { membersOf, putMembers } from '../store/table-cbor.ts';
import type { TableChange } from '../store/table.ts';

/** 32 hex characters, random. */
export const id = text(32, /^[0-9a-f]{32}$/);
const time = integer(0, 0xff_ffff_ffff);
/** A value of any slot. */
export const anyValue: Shape<SlotValue> = (value, path) => {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) {
    return value ?? null;
  }
  return bytes()(value, path);
};

const licenceRecord = record({
  id,
  type: text(32),
  typeVersion: integer(1, 999),
  uscc: text(18),
  number: text(200),
  serial: bytes(8),
  version: integer(1, 999),
  /** As decided; that the first copy is not anchored yet is the copies' to tell. */
  state: oneOf('valid', 'suspended', 'revoked', 'superseded'),
  values: list(anyValue, 32),
  /** Keyed index of the subject. */
  subject: text(64),
  createdAt: time,
  supersedes: optional(id),
  supersededBy: optional(id),
});

/** The order in which they are stored; the id is in the key. */
const MEMBERS = [
  ...['type', 'typeVersion', 'uscc', 'number', 'serial', 'version', 'state', 'values', 'subject'],
  ...['createdAt', 'supersedes', 'supersededBy'],
];

const attachments = dictionary(text(32), text(1 << 20));

export type LicenceRecord = Shaped<typeof licenceRecord>;
/** Clear content of digest slots, by slot: kept apart, since it is long and seldom read. */
export type Attachments = Shaped<typeof attachments>;

/** Key of a licence in the sealed store. */
export function licenceKey(licence: string): string {
  return `licence/${licence}`;
}

/** The change that stores a licence. */
export function storeLicence(licence: LicenceRecord): TableChange {
  return putMembers(licenceKey(licence.id), MEMBERS, licence);
}

/** The changes that store attachments; none where there are none. */
export function storeAttachments(licence: string, content: Attachments): readonly TableChange[] {
  if (content.size === 0) return [];
  return [{ key: attachmentsKey(licence), value: encodeCbor(asCbor(content)) }];
}

/** Key of a licence's attachments in the sealed store. */
export function attachmentsKey(licence: string): string {
  return `attachments/${licence}`;
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeAttachments(encoded: Uint8Array): Attachments {
  return attachments(decodeCbor(encoded), 'attachments');
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeLicence(name: string, encoded: Uint8Array): LicenceRecord {
  return licenceRecord(membersOf(MEMBERS, encoded).set('id', name), 'licence');
}

/** Tells whether a licence may still get copies and changes. */
export function isLiving(licence: LicenceRecord): boolean {
  const { state, supersededBy } = licence;
  return (state === 'valid' || state === 'suspended') && supersededBy === undefined;
}
