// SPDX-License-Identifier: Apache-2.0
// The first line of a table against the columns of its licence type. A file without a header has people in its first
// line: only what looks like a column, beside columns that are known, is repeated in an answer.
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { gatewayError } from '../problem-codes.ts';

/** Which columns a file may and must have. */
export interface ImportColumns {
  readonly known: ReadonlySet<string>;
  readonly required: readonly string[];
}

const GIVEN_BY_ISSUER = new Set(['serial', 'version', 'at-least', 'spare']);
/** What may be a column's name and hardly anything about a person. */
const COLUMN = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/;

/** The columns of a licence type. */
export function columnsOf(type: TypeDefinition): ImportColumns {
  const given = type.slots.filter(({ kind }) => !GIVEN_BY_ISSUER.has(kind));
  return {
    known: new Set(given.map(({ name }) => name)),
    required: given.filter(({ required }) => required === true).map(({ name }) => name),
  };
}

/** The names of the columns. @throws IMPORT_COLUMNS with a `detail` of [{slot, reason, count?}] */
export function checkHeader(header: readonly string[], columns: ImportColumns): readonly string[] {
  const names = header.map((name) => name.trim());
  const missing = columns.required.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !columns.known.has(name));
  const twice = columns.required.filter((name) => names.filter((n) => n === name).length > 1);
  const isTwice = new Set(names).size !== names.length;
  if (missing.length === 0 && unknown.length === 0 && !isTwice) return names;
  const isHeader = names.length - unknown.length >= 2;
  const told = isHeader ? unknown.filter((name) => COLUMN.test(name)) : [];
  const untold = unknown.length - told.length;
  const detail = [
    ...missing.map((slot) => ({ slot, reason: 'missing' })),
    ...told.slice(0, 32).map((slot) => ({ slot, reason: 'unknown' })),
    ...(untold > 0 ? [{ slot: '', reason: 'unknown', count: untold }] : []),
    ...(isTwice && twice.length === 0 ? [{ slot: '', reason: 'twice' }] : []),
    ...twice.map((slot) => ({ slot, reason: 'twice' })),
  ];
  throw gatewayError('IMPORT_COLUMNS', 'the columns do not fit the licence type', { detail });
}
