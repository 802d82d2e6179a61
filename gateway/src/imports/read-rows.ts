// SPDX-License-Identifier: Apache-2.0
// Rows of an import file, one by one, each with its line number: CSV with a header of slot names, or one JSON
// object a line. A wrong row becomes a reason and the rest goes on; wrong columns refuse the file.
import { parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { checkHeader } from './check-header.ts';
import type { ImportColumns } from './check-header.ts';
import { MAX_ROW_CHARACTERS } from './import-row.ts';
import type { ImportRow } from './import-row.ts';

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
    max_record_size: MAX_ROW_CHARACTERS,
    on_skip: (error) => {
      skipped.push({ line: lineOf(error), reason: 'quotes' });
    },
  });
  const source = Readable.from(text);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let header: readonly string[] | undefined;
  try {
    for await (const item of parser) {
      yield* skipped.splice(0);
      const { record, info } = readRecord(item);
      if (header === undefined) header = checkHeader(record, columns);
      else yield rowOf(header, record, info.lines);
    }
    if (header === undefined) checkHeader([], columns);
    yield* skipped.splice(0);
  } finally {
    source.destroy();
  }
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
      yield isTooLong || part.length > MAX_ROW_CHARACTERS ? undefined : part;
      isTooLong = false;
    }
    if (rest.length > MAX_ROW_CHARACTERS) {
      isTooLong = true;
      rest = '';
    }
  }
  if (isTooLong) yield undefined;
  else if (rest !== '') yield rest;
}
