// SPDX-License-Identifier: Apache-2.0
// Rows of an import file, one by one, each with its line number: CSV with a header of slot names, or one JSON
// object a line. A wrong row becomes a reason and the rest goes on; wrong columns refuse the file.
import { parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { gatewayError } from '../problem-codes.ts';

/** One row: its fields, or why it has none. */
export interface ImportRow {
  readonly line: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly reason?: 'columns' | 'quotes' | 'not-json' | 'too-long';
}

/** Which columns a file may and must have. */
export interface ImportColumns {
  readonly known: ReadonlySet<string>;
  readonly required: readonly string[];
}

const MAX_LINE = 256 * 1024;
/** What may be a column's name and hardly anything about a person. */
const COLUMN = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/;

/** Rows of a CSV text (RFC 4180). @throws IMPORT_COLUMNS */
export async function* readCsv(
  text: AsyncIterable<string>,
  columns: ImportColumns,
): AsyncIterable<ImportRow> {
  const skipped: ImportRow[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_LINE,
    on_skip: (error) => {
      skipped.push({ line: lineOf(error), reason: 'quotes' });
    },
  });
  const source = Readable.from(text);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let header: readonly string[] | undefined;
  for await (const item of parser) {
    yield* skipped.splice(0);
    const { record, info } = readRecord(item);
    if (header === undefined) header = checkHeader(record, columns);
    else yield rowOf(header, record, info.lines);
  }
  if (header === undefined) checkHeader([], columns);
  yield* skipped.splice(0);
}

/** Rows of newline-delimited JSON. */
export async function* readNdjson(text: AsyncIterable<string>): AsyncIterable<ImportRow> {
  let line = 0;
  for await (const content of lines(text)) {
    line += 1;
    if (content === undefined) yield { line, reason: 'too-long' };
    else if (content.trim() !== '') yield { line, ...readObject(content) };
  }
}

function checkHeader(header: readonly string[], columns: ImportColumns): readonly string[] {
  const names = header.map((name) => name.trim());
  const missing = columns.required.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !columns.known.has(name));
  const twice = columns.required.filter((name) => names.filter((n) => n === name).length > 1);
  const isTwice = new Set(names).size !== names.length;
  if (missing.length === 0 && unknown.length === 0 && !isTwice) return names;
  // A file without a header has people in its first line: only what looks like a column beside known ones is told.
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

function rowOf(header: readonly string[], record: readonly string[], line: number): ImportRow {
  if (record.length !== header.length) return { line, reason: 'columns' };
  const fields = Object.fromEntries(header.map((name, i) => [name, record[i] ?? '']));
  return { line, fields };
}

function readRecord(item: unknown): { record: readonly string[]; info: { lines: number } } {
  return item as { record: string[]; info: { lines: number } };
}

function lineOf(error: unknown): number {
  const lines = error instanceof Error && 'lines' in error ? error.lines : 0;
  return typeof lines === 'number' ? lines : 0;
}

function readObject(content: string): Omit<ImportRow, 'line'> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { reason: 'not-json' };
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value as Record<string, unknown>) : [];
  const isText = entries.every((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!isObject || !isText || entries.length > 64) return { reason: 'columns' };
  return { fields: Object.fromEntries(entries) };
}

/** Lines of a text; undefined for one that is too long. */
async function* lines(text: AsyncIterable<string>): AsyncIterable<string | undefined> {
  let rest = '';
  let isTooLong = false;
  for await (const chunk of text) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      yield isTooLong || part.length > MAX_LINE ? undefined : part;
      isTooLong = false;
    }
    if (rest.length > MAX_LINE) {
      isTooLong = true;
      rest = '';
    }
  }
  if (isTooLong) yield undefined;
  else if (rest !== '') yield rest;
}
