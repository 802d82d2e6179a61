// SPDX-License-Identifier: Apache-2.0
// The receipt of an erasure as it is kept: which licences, when, by whom, on what basis. It names no person.
import { sm3 } from '@zhenglian/guomi';
import { utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { kid, time } from '@zhenglian/core/records/fields';
import { bytes, list, nullable, oneOf, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { PageQuery } from '../cursor.ts';
import { PURPOSE_CODES } from '../purposes.ts';
import { valuesOf } from '../store/table-cbor.ts';
import type { Table, TableChange } from '../store/table.ts';

const erasure = record({
  id: text(32),
  at: time,
  type: text(32),
  licences: list(text(32)),
  actor: text(64),
  purpose: oneOf(...PURPOSE_CODES, 'unstated'),
  basis: nullable(text(2000)),
  payload: bytes(),
  signature: bytes(64),
  signer: kid,
});
export type Erasure = Shaped<typeof erasure>;

/**
 * What the receipt is signed over, purpose `receipt`: CBOR [2, msp, id, type, SM3(CBOR licences), SM3(basis) or null,
 * purpose, time]. It opens with 2 where a recognition's opens with 1 (docs/credential-format.md §10).
 */
export function erasurePayload(
  content: Pick<Erasure, 'id' | 'type' | 'licences' | 'basis' | 'at'> & {
    readonly purpose: string;
    readonly msp: string;
  },
): Uint8Array {
  const { msp, id, type, licences, basis, purpose, at } = content;
  const basisHash = basis === null ? null : sm3.hash(utf8(basis));
  const listed = sm3.hash(encodeCbor([...licences]));
  return encodeCbor([2, msp, id, type, listed, basisHash, purpose, at]);
}

const PREFIX = 'erasure/';
const UNFINISHED = 'erasure-unfinished/';
const PAGE = 100;
const PLACE = /^\d{10}-[0-9a-f]{32}$/;
/** Later than any time: what is subtracted from it is in order from new to old. */
const LAST_TIME = 9_999_999_999;

/** The changes that keep a receipt, and the wish to carry out what it says. */
export function storeErasure(content: Erasure): readonly TableChange[] {
  const value = encodeCbor({ ...content });
  return [
    { key: PREFIX + placeOf(content), value },
    { key: unfinishedKey(content), value },
  ];
}

/** Where it stands that an erasure is to be carried out. */
export function unfinishedKey({ id }: Pick<Erasure, 'id'>): string {
  return UNFINISHED + id;
}

/** Erasures that were begun and not carried out to the end. @throws SHAPE_INVALID, CBOR_* */
export async function listUnfinished(store: Table): Promise<readonly Erasure[]> {
  const stored = await valuesOf(store, { prefix: UNFINISHED, limit: PAGE });
  return stored.map(decodeErasure);
}

/** Receipts that `sees` lets pass, the newest first, from where the cursor says. @throws REQUEST_INVALID, SHAPE_INVALID, CBOR_* */
export async function listErasures(
  store: Table,
  sees: (erasure: Erasure) => boolean,
  { after, limit = PAGE }: PageQuery,
): Promise<{ readonly erasures: readonly Erasure[]; readonly next?: string }> {
  const from =
    after === undefined ? {} : { after: PREFIX + decodeCursor('erasures', after, PLACE) };
  const found: Erasure[] = [];
  for await (const { value } of store.range({ prefix: PREFIX, ...from })) {
    const erasure = decodeErasure(value);
    if (sees(erasure)) found.push(erasure);
    if (found.length > limit) break;
  }
  const erasures = found.slice(0, limit);
  const last = erasures.at(-1);
  if (found.length <= limit || last === undefined) return { erasures };
  return { erasures, next: encodeCursor('erasures', placeOf(last)) };
}

function placeOf({ at, id }: Pick<Erasure, 'at' | 'id'>): string {
  return `${String(LAST_TIME - at).padStart(10, '0')}-${id}`;
}

function decodeErasure(encoded: Uint8Array): Erasure {
  return erasure(decodeCbor(encoded), 'erasure');
}
