// SPDX-License-Identifier: Apache-2.0
// Rows of an import between being read in and being worked on: sealed chunks, closed by number or by size, so that a
// chunk is never more than a gateway can hold several of.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import {
  anything,
  asCbor,
  dictionary,
  integer,
  list,
  oneOf,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { MAX_ROW_CHARACTERS, ROW_REASONS } from './import-row.ts';
import type { ImportRow } from './import-row.ts';

const line = integer(0, 99_999_999);
const content = text(1 << 20);
const row = record({
  line,
  fields: optional(dictionary(text(MAX_ROW_CHARACTERS), content)),
  reason: optional(oneOf(...ROW_REASONS)),
  faults: optional(list(record({ slot: text(32), reason: oneOf('number-format') }), 64)),
});
const names = list(text(MAX_ROW_CHARACTERS));
const items = list(anything);

/** Rows of a chunk at most. */
export const MAX_CHUNK_ROWS = 1000;
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
    if (chunk.length === MAX_CHUNK_ROWS || characters >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** The change that stores rows. The names of fields are told once; a row that has just these is its line and its values. */
export function storeChunk(
  importId: string,
  chunk: number,
  rows: readonly ImportRow[],
): TableChange {
  const named = Object.keys(rows.find(({ fields }) => fields !== undefined)?.fields ?? {});
  const told = rows.map((each) => {
    const { line: at, fields } = each;
    return fields !== undefined && isOf(named, each) ? [at, ...Object.values(fields)] : each;
  });
  return { key: importKey.chunk(importId, chunk), value: encodeCbor(asCbor([named, told])) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeChunk(encoded: Uint8Array): readonly ImportRow[] {
  const [first, second] = items(decodeCbor(encoded), 'chunk');
  const named = names(first, 'names');
  return items(second, 'rows').map((item) => {
    if (!Array.isArray(item)) return rowOf(item);
    const [at, ...values] = items(item, 'row');
    const fields = values.map((value, i) => [named[i] ?? '', content(value, 'value')] as const);
    return { line: line(at, 'line'), fields: Object.fromEntries(fields) };
  });
}

function isOf(named: readonly string[], { fields = {}, reason, faults }: ImportRow): boolean {
  const own = Object.keys(fields);
  const isPlain = reason === undefined && faults === undefined;
  return isPlain && own.length === named.length && own.every((name, i) => name === named[i]);
}

function rowOf(item: CborValue): ImportRow {
  const { fields, ...rest } = row(item, 'row');
  return fields === undefined ? rest : { ...rest, fields: Object.fromEntries(fields) };
}

function charactersOf({ fields = {} }: ImportRow): number {
  return Object.entries(fields).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/** The chunk that an import stands at, for `decodeChunk`. @throws STORE_CORRUPT */
export async function loadChunk(
  store: Table,
  { id, nextChunk }: Pick<ImportJob, 'id' | 'nextChunk'>,
): Promise<Uint8Array> {
  const stored = await store.get(importKey.chunk(id, nextChunk));
  if (stored === undefined) throw gatewayError('STORE_CORRUPT', 'a chunk of an import is gone');
  return stored;
}
