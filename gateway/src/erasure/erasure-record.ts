// SPDX-License-Identifier: Apache-2.0
// The receipt of an erasure as it is kept: which licences, when, by whom, on what basis. It names no person.
import { sm3 } from '@zhenglian/guomi';
import { utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { kid, time } from '@zhenglian/core/records/fields';
import { bytes, list, nullable, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { putCbor, valuesOf } from '../store/table-cbor.ts';
import type { Table, TableChange } from '../store/table.ts';

const erasure = record({
  id: text(32),
  at: time,
  type: text(32),
  licences: list(text(32)),
  actor: text(64),
  purpose: text(32),
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
  content: Pick<Erasure, 'id' | 'type' | 'licences' | 'basis' | 'purpose' | 'at'> & {
    readonly msp: string;
  },
): Uint8Array {
  const { msp, id, type, licences, basis, purpose, at } = content;
  const basisHash = basis === null ? null : sm3.hash(utf8(basis));
  const listed = sm3.hash(encodeCbor([...licences]));
  return encodeCbor([2, msp, id, type, listed, basisHash, purpose, at]);
}

const PREFIX = 'erasure/';
const LISTED = 1000;

/** The change that keeps a receipt; newest last. */
export function storeErasure(content: Erasure): TableChange {
  const at = String(content.at).padStart(12, '0');
  return putCbor(`${PREFIX}${at}/${content.id}`, { ...content });
}

/** The receipts given last, newest first. @throws SHAPE_INVALID, CBOR_* */
export async function listErasures(store: Table): Promise<readonly Erasure[]> {
  const stored = await valuesOf(store, { prefix: PREFIX, reverse: true, limit: LISTED });
  return stored.map((encoded) => erasure(decodeCbor(encoded), 'erasure'));
}
