// SPDX-License-Identifier: Apache-2.0
// How the trace is stored: entries in a row that say the same but for their subject are one row, so that ten thousand
// licences of a file are not ten thousand rows. A row is kept under the number of its last entry: the entry of a number
// is in the first row from that number on.
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import { bytes, dictionary, integer, list, nullable, text } from '@zhenglian/core/shape';
import { putCbor } from '../store/table-cbor.ts';
import type { Table, TableChange, TableEntry } from '../store/table.ts';
import { checkEntry, checkWord, fact } from './trace-entry.ts';
import type { TraceEntry } from './trace-entry.ts';
import type { TraceRun } from './trace-runs.ts';

const DIGITS = 15;
const ENTRIES = 'entry/';
const time = integer(0, Number.MAX_SAFE_INTEGER);

/** The changes that store a run whose first entry is `n`. @throws TypeError when it says what has no place in a trace */
export function storeRun(run: TraceRun, n: number, at: number): readonly TableChange[] {
  const { kind, actor, outcome, purpose, detail = {}, subjects } = run;
  checkEntry({ n, at, kind, actor, subject: null, outcome, purpose, detail });
  const key = entryKey(n + subjects.length - 1);
  const changes = [
    putCbor(key, [at, kind, actor, outcome, purpose, detail, subjects.map(packSubject)]),
  ];
  for (const [i, subject] of subjects.entries()) {
    if (subject === null) continue;
    changes.push({
      key: subjectPrefix(checkWord(subject)) + digits(n + i),
      value: new Uint8Array(),
    });
  }
  return changes;
}

/** The entries of a row. @throws SHAPE_INVALID, CBOR_* */
export function decodeRow({ key, value }: TableEntry): readonly TraceEntry[] {
  const parts = list(anyValue, 7)(decodeCbor(value), 'entries');
  const subjects = list(nullable(anyValue))(parts[6], 'subjects').map(unpackSubject);
  const first = Number(key.slice(ENTRIES.length)) - subjects.length + 1;
  const said = {
    at: time(parts[0], 'at'),
    kind: text(32)(parts[1], 'kind'),
    actor: text(64)(parts[2], 'actor'),
    outcome: text(64)(parts[3], 'outcome'),
    purpose: text(32)(parts[4], 'purpose'),
    detail: Object.fromEntries(dictionary(text(32), fact)(parts[5], 'detail')),
  };
  return subjects.map((subject, i) => ({ n: first + i, subject, ...said }));
}

/** The number after the last entry. */
export async function nextEntry(db: Table): Promise<number> {
  return ((await lastEntry(db))?.n ?? -1) + 1;
}

/** The entry that nothing follows yet. */
export async function lastEntry(db: Table): Promise<TraceEntry | undefined> {
  for await (const row of db.range({ prefix: ENTRIES, reverse: true, limit: 1 })) {
    return decodeRow(row).at(-1);
  }
  return undefined;
}

/** So many entries from a number on, in order; those of a row together. */
export async function* entriesFrom(
  db: Table,
  first: number,
  count: number,
): AsyncIterable<readonly TraceEntry[]> {
  if (count === 0) return;
  const end = first + count;
  for await (const row of db.range({ prefix: ENTRIES, ...after(first) })) {
    const entries = decodeRow(row);
    yield entries.filter(({ n }) => n >= first && n < end);
    if (entries.some(({ n }) => n >= end - 1)) return;
  }
}

/** Numbers of the entries about a subject. */
export async function numbersOf(db: Table, subject: string): Promise<readonly number[]> {
  const numbers: number[] = [];
  for await (const { key } of db.range({ prefix: subjectPrefix(subject) })) {
    numbers.push(Number(key.slice(-DIGITS)));
  }
  return numbers;
}

const HEX_ID = /^[0-9a-f]{32}$/;

/** A licence's id is 16 bytes; other subjects are words. */
function packSubject(subject: string | null): Uint8Array | string | null {
  return subject !== null && HEX_ID.test(subject) ? fromHex(subject) : subject;
}

function unpackSubject(packed: CborValue): string | null {
  if (packed === null) return null;
  return packed instanceof Uint8Array
    ? toHex(bytes(16)(packed, 'subject'))
    : text(64)(packed, 'subject');
}

function anyValue(value: CborValue | undefined): CborValue {
  return value ?? null;
}

function after(n: number): { readonly after?: string } {
  return n === 0 ? {} : { after: entryKey(n - 1) };
}

function entryKey(n: number): string {
  return ENTRIES + digits(n);
}

function subjectPrefix(subject: string): string {
  return `subject/${subject}/`;
}

function digits(n: number): string {
  return String(n).padStart(DIGITS, '0');
}
