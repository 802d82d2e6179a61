// SPDX-License-Identifier: Apache-2.0
// A file that arrives in parts, as it is stored: what was promised and how far it is.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, integer, oneOf, optional, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { id } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';

const size = integer(0, Number.MAX_SAFE_INTEGER);
const upload = record({
  id,
  /** Who sends it; nobody else may go on with it. */
  actor: text(64),
  bytes: size,
  /** Bytes that are here. */
  offset: size,
  /** When something was last done with it. */
  at: integer(0, 9_999_999_999),
  /** SHA-256 in hex, as promised. */
  digest: optional(text(64, /^[0-9a-f]{64}$/)),
  /** `gone`: on its way out. */
  state: oneOf('open', 'complete', 'gone'),
});

export type Upload = Shaped<typeof upload>;

const RECORDS = 'upload/';

/** Keys of a file. */
export const uploadKey = {
  record: (name: string) => RECORDS + name,
  records: () => RECORDS,
  block: (name: string, n: number) => `${uploadKey.blocks(name)}${String(n).padStart(8, '0')}`,
  blocks: (name: string) => `upload-block/${name}/`,
} as const;

export function storeUpload(content: Upload): TableChange {
  return { key: uploadKey.record(content.id), value: encodeCbor(asCbor(content)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeUpload(encoded: Uint8Array): Upload {
  return upload(decodeCbor(encoded), 'upload');
}

/** The record of a file; of somebody else's file as little is told as of none. @throws UPLOAD_UNKNOWN */
export async function loadUpload(store: Table, name: string, actor?: string): Promise<Upload> {
  const stored = await store.get(uploadKey.record(name));
  const found = stored === undefined ? undefined : decodeUpload(stored);
  const isOurs = actor === undefined || found?.actor === actor;
  if (found === undefined || found.state === 'gone' || !isOurs) {
    throw gatewayError('UPLOAD_UNKNOWN', 'there is no such upload: create one and send the file');
  }
  return found;
}
