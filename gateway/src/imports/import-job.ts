// SPDX-License-Identifier: Apache-2.0
// An import as it is stored. Its place among those there is work on is written with it, so that nobody ever looks
// through all imports.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, bool, integer, oneOf, optional, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { id } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import { importKey } from './import-keys.ts';
import type { ImportPhase } from './import-keys.ts';
import { IMPORT_STATES, isFinal, WORKING, workingState } from './import-states.ts';
import { pace } from './pace.ts';

export { importKey } from './import-keys.ts';

const time = integer(0, 9_999_999_999);
/** Eight digits of a line's number. */
const count = integer(0, 99_999_999);
const actor = text(64);
const job = record({
  id,
  type: text(32),
  /** Who prepared it. */
  actor,
  at: time,
  state: oneOf(...IMPORT_STATES),
  pausedFrom: optional(oneOf(...WORKING)),
  /** Checks everything and issues nothing. */
  dryRun: bool,
  /** Somebody else must approve before anything is issued. */
  twoOfficers: bool,
  /** Where its rows come from, until all are read in. */
  source: optional(
    record({
      upload: id,
      format: oneOf('csv', 'ndjson', 'xlsx'),
      charset: optional(oneOf('utf-8', 'gb18030')),
    }),
  ),
  /** Rows and chunks that were read in. */
  total: count,
  chunks: count,
  /** How many of them were worked on in the state it is in. */
  nextChunk: count,
  read: count,
  accepted: count,
  rejected: count,
  /** What the check before the approval came to. */
  check: optional(record({ accepted: count, rejected: count })),
  decision: optional(record({ actor, at: time, approved: bool, reason: optional(text(500)) })),
  /** Code of what was wrong with the file. */
  failure: optional(text(48)),
  pace: optional(pace),
  /** What it no longer needs is deleted. */
  swept: bool,
});

export type ImportJob = Shaped<typeof job>;

/** A job that has just begun. */
export function newJob(
  start: Pick<ImportJob, 'id' | 'type' | 'actor' | 'at' | 'state' | 'dryRun' | 'twoOfficers'>,
): ImportJob {
  const counts = { total: 0, chunks: 0, nextChunk: 0, read: 0, accepted: 0, rejected: 0 };
  return { ...start, ...counts, swept: false };
}

/** The changes that store a job and its place among those there is work on. */
export function storeJob(content: ImportJob): readonly TableChange[] {
  const { id: name, at } = content;
  const open = importKey.open(at, name);
  return [
    { key: importKey.job(name), value: encodeCbor(asCbor(content)) },
    needsWork(content) ? { key: open, value: encodeCbor(name) } : { key: open },
  ];
}

/** The changes that store a new job. */
export function storeNewJob(content: ImportJob): readonly TableChange[] {
  const listed = importKey.listed(content.at, content.id);
  return [...storeJob(content), { key: listed, value: encodeCbor(content.id) }];
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeJob(encoded: Uint8Array): ImportJob {
  return job(decodeCbor(encoded), 'import');
}

/** The id in an entry of the lists of jobs. @throws SHAPE_INVALID, CBOR_* */
export function decodeJobId(encoded: Uint8Array): string {
  return id(decodeCbor(encoded), 'import');
}

/** @throws IMPORT_UNKNOWN */
export async function loadJob(store: Table, name: string): Promise<ImportJob> {
  const stored = await store.get(importKey.job(name));
  if (stored === undefined) throw gatewayError('IMPORT_UNKNOWN', 'there is no such import');
  return decodeJob(stored);
}

/** Whether there is something for the gateway to do. */
export function needsWork({ state, swept }: ImportJob): boolean {
  return workingState(state) !== undefined || (isFinal(state) && !swept);
}

/** Which results count: those of the check until somebody approved. */
export function phaseOf({ dryRun, twoOfficers, decision }: ImportJob): ImportPhase {
  return dryRun || (twoOfficers && decision?.approved !== true) ? 'check' : 'issue';
}

/** The state in which the rows are worked on next. */
export function workOf(content: ImportJob): 'checking' | 'running' {
  return phaseOf(content) === 'check' ? 'checking' : 'running';
}
