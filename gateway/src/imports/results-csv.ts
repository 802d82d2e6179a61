// SPDX-License-Identifier: Apache-2.0
// What became of every line, as a CSV that spreadsheets show in Chinese and compute nothing of: one row a licence or a
// reason, in order of lines, streamed from the store.
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { describeFieldReason } from '@zhenglian/core/types/field-reason';
import type { Table } from '../store/table.ts';
import { phaseOf } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { decodeError, decodeImported, decodePassed } from './import-results.ts';

interface Result {
  readonly line: number;
  readonly cells: readonly string[];
}

const HEADER = ['line', 'outcome', 'licence', 'column', 'reason', '原因', 'explanation'];
const MARK = '\ufeff';
const PIECE = 64 * 1024;

/** The text of the file, in pieces. */
export async function* resultsCsv(
  store: Table,
  job: ImportJob,
  type: TypeDefinition | undefined,
): AsyncIterable<string> {
  let piece = MARK + csvLine(HEADER);
  for await (const { line, cells } of merge(accepted(store, job), rejected(store, job, type))) {
    piece += csvLine([String(line), ...cells]);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** A line of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function* accepted(store: Table, job: ImportJob): AsyncIterable<Result> {
  if (phaseOf(job) === 'check') {
    for await (const { value } of store.range({ prefix: importKey.passes(job.id) })) {
      for (const line of decodePassed(value))
        yield { line, cells: ['would-issue', '', '', '', '', ''] };
    }
    return;
  }
  const prefix = importKey.licences(job.id);
  for await (const { value } of store.range({ prefix })) {
    for (const { line, licence } of decodeImported(value))
      yield { line, cells: ['accepted', licence, '', '', '', ''] };
  }
}

async function* rejected(
  store: Table,
  job: ImportJob,
  type: TypeDefinition | undefined,
): AsyncIterable<Result> {
  for await (const { value } of store.range({ prefix: importKey.errors(job.id, phaseOf(job)) })) {
    const { line, slot, reason } = decodeError(value);
    const { zh, en } = describeFieldReason(reason, slot, type);
    yield { line, cells: ['rejected', '', slot ?? '', reason, zh, en] };
  }
}

/** Two streams in order of lines as one. */
async function* merge(
  first: AsyncIterable<Result>,
  second: AsyncIterable<Result>,
): AsyncIterable<Result> {
  const [a, b] = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()];
  let [x, y] = [await a.next(), await b.next()];
  while (x.done !== true || y.done !== true) {
    const takesFirst = y.done === true || (x.done !== true && x.value.line <= y.value.line);
    if (takesFirst) {
      if (x.done !== true) yield x.value;
      x = await a.next();
    } else {
      if (y.done !== true) yield y.value;
      y = await b.next();
    }
  }
}
