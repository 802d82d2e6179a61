// SPDX-License-Identifier: Apache-2.0
// An import as it is stored: the job, its rows in sealed chunks until they are read, its errors.
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
import { id } from '../issuance/licence-record.ts';
import type { TableChange } from '../store/table.ts';
import type { ImportRow } from './read-rows.ts';

const count = integer(0, 1_000_000);
const job = record({
  id,
  type: text(32),
  actor: text(64),
  at: integer(0, 0xff_ffff_ffff),
  /** Rows, chunks, and how many of each were worked on. */
  total: count,
  chunks: count,
  nextChunk: count,
  read: count,
  accepted: count,
  rejected: count,
});
const rowReason = oneOf('columns', 'quotes', 'not-json', 'too-long');
const row = record({
  line: count,
  fields: optional(dictionary(text(256), text(1 << 20))),
  reason: optional(rowReason),
});
const rowList = list(row);
const importError = record({ line: count, slot: optional(text(256)), reason: text(64) });

export type ImportJob = Shaped<typeof job>;
export type StoredRow = Shaped<typeof row>;
export type ImportError = Shaped<typeof importError>;

/** Keys of an import. */
export const importKey = {
  job: (job: string) => `import/${job}`,
  jobs: () => 'import/',
  chunk: (job: string, chunk: number) => `import-rows/${job}/${String(chunk).padStart(6, '0')}`,
  chunks: (job?: string) => (job === undefined ? 'import-rows/' : `import-rows/${job}/`),
  error: (job: string, line: number, n: number) =>
    `${importKey.errors(job)}${String(line).padStart(8, '0')}-${String(n).padStart(3, '0')}`,
  errors: (job: string) => `import-error/${job}/`,
  licence: (job: string, line: number) =>
    `${importKey.licences(job)}${String(line).padStart(8, '0')}`,
  licences: (job: string) => `import-licence/${job}/`,
} as const;

export function storeJob(content: ImportJob): TableChange {
  return { key: importKey.job(content.id), value: encodeCbor(asCbor(content)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeJob(encoded: Uint8Array): ImportJob {
  return job(decodeCbor(encoded), 'import');
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

/** One change an error; those of a line are numbered. */
export function storeErrors(importId: string, errors: readonly ImportError[]): TableChange[] {
  let line = -1;
  let n = 0;
  return errors.map((error) => {
    n = error.line === line ? n + 1 : 0;
    line = error.line;
    return { key: importKey.error(importId, line, n), value: encodeCbor(asCbor(error)) };
  });
}

/** Which licence a line became. */
export function storeImported(importId: string, line: number, licence: string): TableChange {
  return { key: importKey.licence(importId, line), value: encodeCbor(licence) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeImported(encoded: Uint8Array): string {
  return id(decodeCbor(encoded), 'licence');
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeError(encoded: Uint8Array): ImportError {
  return importError(decodeCbor(encoded), 'error');
}
