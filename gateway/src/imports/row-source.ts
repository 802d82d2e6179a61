// SPDX-License-Identifier: Apache-2.0
// Rows of a file by its format, whether it streams in or was uploaded in parts.
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { Table } from '../store/table.ts';
import { readUpload } from '../uploads/read-upload.ts';
import { loadUpload } from '../uploads/upload-record.ts';
import { columnsOf } from './check-header.ts';
import { decodeText } from './decode-text.ts';
import type { TextCharset } from './decode-text.ts';
import type { ImportRow } from './import-row.ts';
import { readCsv, readNdjson } from './read-rows.ts';
import { readXlsx } from './xlsx/read-xlsx.ts';

export type ImportFormat = 'csv' | 'ndjson' | 'xlsx';
/** What a file is written in. */
export interface FileForm {
  readonly format: ImportFormat;
  readonly charset?: TextCharset;
}

/** Rows of a text that streams in. @throws IMPORT_COLUMNS, IMPORT_ENCODING */
export function readTextRows(
  bytes: AsyncIterable<Uint8Array>,
  { format, charset }: { readonly format: 'csv' | 'ndjson'; readonly charset?: TextCharset },
  type: TypeDefinition,
): AsyncIterable<ImportRow> {
  const text = decodeText(bytes, charset);
  return format === 'csv' ? readCsv(text, columnsOf(type)) : readNdjson(text);
}

/** Rows of an uploaded file. @throws UPLOAD_UNKNOWN, IMPORT_* */
export async function* readUploadedRows(
  store: Table,
  upload: string,
  { format, charset }: FileForm,
  type: TypeDefinition,
): AsyncIterable<ImportRow> {
  const record = await loadUpload(store, upload);
  if (format === 'xlsx') {
    const read = (start: number, end: number) => readUpload(store, record, start, end);
    yield* readXlsx({ bytes: record.bytes, read }, columnsOf(type));
    return;
  }
  const form = { format, ...(charset === undefined ? {} : { charset }) };
  yield* readTextRows(readUpload(store, record), form, type);
}
