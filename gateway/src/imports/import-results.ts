// SPDX-License-Identifier: Apache-2.0
// What became of each line: the licence it was issued as, or why it was not. Of a file that is only checked, which
// lines would be issued.
import { concat, fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import {
  anything,
  asCbor,
  bytes,
  integer,
  list,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { id } from '../issuance/licence-record.ts';
import type { TableChange } from '../store/table.ts';
import { importKey } from './import-keys.ts';
import type { ImportPhase } from './import-keys.ts';

const line = integer(0, 99_999_999);
const importError = record({ line, slot: optional(text(256)), reason: text(64) });
const lines = list(line);

export type ImportError = Shaped<typeof importError>;

/** One change an error; those of a line are numbered. */
export function storeErrors(
  importId: string,
  phase: ImportPhase,
  errors: readonly ImportError[],
): TableChange[] {
  let last = -1;
  let n = 0;
  return errors
    .toSorted((a, b) => a.line - b.line)
    .map((error) => {
      n = error.line === last ? n + 1 : 0;
      last = error.line;
      return { key: importKey.error(importId, phase, last, n), value: encodeCbor(asCbor(error)) };
    });
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeError(encoded: Uint8Array): ImportError {
  return importError(decodeCbor(encoded), 'error');
}

/** A line, and the licence that it became. */
export interface ImportedLine {
  readonly line: number;
  readonly licence: string;
}

/** Which licences the lines of a chunk became: one row under the last of them, so that a line is in the first row from it on. */
export function storeImported(importId: string, imported: readonly ImportedLine[]): TableChange[] {
  const last = imported.at(-1);
  if (last === undefined) return [];
  const content = [
    imported.map((each) => each.line),
    concat(...imported.map(({ licence }) => fromHex(licence))),
  ];
  return [{ key: importKey.licence(importId, last.line), value: encodeCbor(content) }];
}

/** The lines and licences of a row. @throws SHAPE_INVALID, CBOR_* */
export function decodeImported(encoded: Uint8Array): readonly ImportedLine[] {
  const [first, second] = list(anything, 2)(decodeCbor(encoded), 'imported');
  const packed = bytes()(second, 'licences');
  return lines(first, 'lines').map((at, i) => ({
    line: at,
    licence: id(toHex(packed.subarray(16 * i, 16 * i + 16)), 'licence'),
  }));
}

/** Which lines of a chunk would be issued. */
export function storePassed(
  importId: string,
  chunk: number,
  passed: readonly number[],
): TableChange {
  return { key: importKey.passed(importId, chunk), value: encodeCbor(asCbor(passed)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodePassed(encoded: Uint8Array): readonly number[] {
  return lines(decodeCbor(encoded), 'lines');
}
