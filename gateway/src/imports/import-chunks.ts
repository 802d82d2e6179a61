// SPDX-License-Identifier: Apache-2.0
// Rows of an import between being read in and being worked on: sealed chunks, closed by number or by size, so that a
// chunk is never more than a gateway can hold several of.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import {
  asCbor,
  dictionary,
  integer,
  list,
  oneOf,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { TableChange } from '../store/table.ts';
import { importKey } from './import-keys.ts';
import { MAX_ROW_CHARACTERS, ROW_REASONS } from './import-row.ts';
import type { ImportRow } from './import-row.ts';

const row = record({
  line: integer(0, 99_999_999),
  fields: optional(dictionary(text(MAX_ROW_CHARACTERS), text(1 << 20))),
  reason: optional(oneOf(...ROW_REASONS)),
  faults: optional(list(record({ slot: text(32), reason: oneOf('number-format') }), 64)),
});
const rowList = list(row);

export type StoredRow = Shaped<typeof row>;

const CHUNK_ROWS = 500;
const CHUNK_CHARACTERS = 1 << 20;

/** Rows as chunks. */
export async function* chunksOf(
  rows: AsyncIterable<ImportRow>,
): AsyncGenerator<readonly ImportRow[], void> {
  let chunk: ImportRow[] = [];
  let characters = 0;
  for await (const each of rows) {
    chunk.push(each);
    characters += charactersOf(each);
    if (chunk.length === CHUNK_ROWS || characters >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}

export function storeChunk(
  importId: string,
  chunk: number,
  rows: readonly ImportRow[],
): TableChange {
  return { key: importKey.chunk(importId, chunk), value: encodeCbor(asCbor(rows)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeChunk(encoded: Uint8Array): readonly StoredRow[] {
  return rowList(decodeCbor(encoded), 'rows');
}

function charactersOf({ fields = {} }: ImportRow): number {
  return Object.entries(fields).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
