// SPDX-License-Identifier: Apache-2.0
// Bytes of a file that arrived in parts, from anywhere in it, one block in memory at a time.
import { gatewayError } from '../problem-codes.ts';
import type { Table } from '../store/table.ts';
import { uploadKey } from './upload-record.ts';
import type { Upload } from './upload-record.ts';

/** A block but the last one. */
export const BLOCK_BYTES = 256 * 1024;

/** From `start` up to, not with, `end`; all of it unless told. @throws UPLOAD_UNKNOWN when it is deleted meanwhile */
export async function* readUpload(
  store: Table,
  { id, offset }: Pick<Upload, 'id' | 'offset'>,
  start = 0,
  end = offset,
): AsyncIterable<Uint8Array> {
  for (let at = start; at < end;) {
    const n = Math.floor(at / BLOCK_BYTES);
    const block = await store.get(uploadKey.block(id, n));
    const from = at - n * BLOCK_BYTES;
    const piece = block?.subarray(from, Math.min(BLOCK_BYTES, end - n * BLOCK_BYTES));
    if (piece === undefined || piece.length === 0) {
      throw gatewayError('UPLOAD_UNKNOWN', 'the file is no longer here: send it again');
    }
    yield piece;
    at += piece.length;
  }
}
