// SPDX-License-Identifier: Apache-2.0
// One copy of a licence as its gateway keeps it, sealed: ordered, then signed with its place on the ledger.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import {
  asCbor,
  bytes,
  integer,
  nullable,
  oneOf,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { TableChange } from '../store/table.ts';
import { id } from './licence-record.ts';

const place = record({
  kid: bytes(8),
  epoch: integer(0, 0xffff_ffff),
  index: integer(0, 65_535),
  /** The batch that anchors it. */
  n: integer(0, 0xffff_ffff),
  firstDay: integer(-354_285, 2_932_896),
  lastDay: integer(-354_285, 2_932_896),
  /** `encodeCopy` of it. */
  copy: bytes(),
});
const copyRecord = record({
  id,
  licence: id,
  uscc: text(18),
  type: text(32),
  holderKey: nullable(bytes(33)),
  /** Its own state, whatever becomes of the licence: a lost phone stays revoked. */
  own: oneOf('valid', 'suspended', 'revoked'),
  /** `abandoned`: the licence was revoked before this copy had a place; it never gets one. */
  step: oneOf('queued', 'signed', 'anchored', 'abandoned'),
  place: optional(place),
  job: optional(id),
});

export type CopyRecord = Shaped<typeof copyRecord>;
export type CopyPlace = Shaped<typeof place>;

/** Key of a copy in the sealed store: all copies of a licence are together. */
export function copyKey(licence: string, copy: string): string {
  return `copy/${licence}/${copy}`;
}

/** The change that stores a copy. */
export function storeCopy(copy: CopyRecord): TableChange {
  return { key: copyKey(copy.licence, copy.id), value: encodeCbor(asCbor(copy)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeCopyRecord(encoded: Uint8Array): CopyRecord {
  return copyRecord(decodeCbor(encoded), 'copy');
}
