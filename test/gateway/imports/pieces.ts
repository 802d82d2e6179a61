// SPDX-License-Identifier: Apache-2.0
// Files for readers under test, cut where a test wants them cut.
import type { ImportRow } from '../../../gateway/src/imports/import-row.ts';
import type { RandomAccess } from '../../../gateway/src/imports/xlsx/open-zip.ts';

/** Bytes in pieces of these sizes, over and over. */
export async function* inPieces(
  bytes: Uint8Array,
  sizes: readonly number[],
): AsyncIterable<Uint8Array> {
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

/** Bytes that can be read from anywhere, in pieces. */
export function sourceOf(bytes: Uint8Array, sizes: readonly number[] = [4096]): RandomAccess {
  return {
    bytes: bytes.length,
    read: (start, end) => inPieces(bytes.subarray(start, end), sizes),
  };
}

export async function rowsOf(rows: AsyncIterable<ImportRow>): Promise<readonly ImportRow[]> {
  const all: ImportRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
