// SPDX-License-Identifier: Apache-2.0
// Reads an uploaded file into chunks, one a step. How many chunks there are is the only thing that must survive: who
// goes on after a kill, or after another gateway, reads from the start and leaves out what is there.
import type { Clock } from '../context.ts';
import { CodedError } from '@zhenglian/core/errors';
import type { TypeShelf } from '../issuance/type-shelf.ts';
import type { Table } from '../store/table.ts';
import { chunksOf, storeChunk } from './import-chunks.ts';
import { storeJob, workOf } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import type { ImportRow } from './import-row.ts';
import { beginPace } from './pace.ts';
import { requireLines } from './receive-import.ts';
import { readUploadedRows } from './row-source.ts';

/** A file that is being read in; it knows where it is. */
export interface FileReader {
  /** One chunk more, or the end of the file. */
  step(job: ImportJob): Promise<ImportJob>;
  close(): Promise<void>;
}

export interface ReadParts {
  readonly store: Table;
  readonly shelf: TypeShelf;
  readonly clock: Clock;
}

/** What makes a file useless, found only while it was read. */
const FAILURES = [
  'IMPORT_COLUMNS',
  'IMPORT_ENCODING',
  'IMPORT_MALFORMED',
  'IMPORT_TOO_LARGE',
  'UPLOAD_UNKNOWN',
  'TYPE_UNKNOWN',
];

/** A reader that begins where the job stands. */
export function createFileReader(parts: ReadParts): FileReader {
  let chunks: AsyncGenerator<readonly ImportRow[], void> | undefined;
  let at = 0;
  const close = async () => {
    const ending = chunks;
    chunks = undefined;
    at = 0;
    await ending?.return();
  };
  const nextChunk = async (job: ImportJob) => {
    if (at > job.chunks) await close();
    chunks ??= openChunks(parts, job);
    for (; at < job.chunks; at += 1) await chunks.next();
    const next = await chunks.next();
    at += 1;
    return next.done === true ? undefined : next.value;
  };
  return {
    close,
    async step(job) {
      let after: ImportJob;
      let rows: readonly ImportRow[] | undefined;
      try {
        rows = await nextChunk(job);
        if (rows !== undefined) requireLines(job.total + rows.length);
        after = rows === undefined ? readIn(parts, job) : counted(parts, job, rows);
      } catch (cause) {
        if (!(cause instanceof CodedError) || !FAILURES.includes(String(cause.code))) throw cause;
        after = { ...job, state: 'failed', failure: String(cause.code) };
      }
      const chunk = rows === undefined || after.state === 'failed' ? [] : [rows];
      await parts.store.write([
        ...chunk.map((each) => storeChunk(job.id, job.chunks, each)),
        ...storeJob(after),
      ]);
      return after;
    },
  };
}

function openChunks(
  { store, shelf }: ReadParts,
  { type, source }: ImportJob,
): AsyncGenerator<readonly ImportRow[], void> {
  if (source === undefined) return chunksOf(nothing());
  const rows = readUploadedRows(store, source.upload, source, shelf.typeOf(type));
  return chunksOf(rows);
}

function counted({ clock }: ReadParts, job: ImportJob, rows: readonly ImportRow[]): ImportJob {
  const total = job.total + rows.length;
  return { ...job, total, chunks: job.chunks + 1, pace: job.pace ?? beginPace(clock(), 0) };
}

function readIn({ clock }: ReadParts, job: ImportJob): ImportJob {
  return { ...job, state: workOf(job), pace: beginPace(clock(), 0) };
}

async function* nothing(): AsyncIterable<ImportRow> {
  // A job without a source has all its rows.
}
