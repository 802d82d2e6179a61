// SPDX-License-Identifier: Apache-2.0
// Works accepted imports off: each chunk's licences, errors, progress and end are one batch of the store, so a kill
// leaves a chunk either done or to do. Wrong lines are reported one by one; the rest is issued.
import { setTimeout as pause } from 'node:timers/promises';
import { createBell } from '../bell.ts';
import type { DraftParts } from '../issuance/draft.ts';
import { loadImportCounts } from '../issuance/import-count.ts';
import type { Log } from '../log.ts';
import { gatewayError } from '../problem-codes.ts';
import { admitChunk } from './admit-chunk.ts';
import type { AdmitParts } from './admit-chunk.ts';
import { draftRows } from './draft-rows.ts';
import {
  decodeChunk,
  decodeError,
  decodeJob,
  importKey,
  storeErrors,
  storeJob,
} from './import-job.ts';
import type { ImportError, ImportJob } from './import-job.ts';
import { loadImported } from './imported-licences.ts';
import type { ImportedPage } from './imported-licences.ts';

export interface ImportParts extends DraftParts, AdmitParts {
  readonly log: Log;
  /** Copies were queued. */
  readonly notify: () => void;
}

/** The running imports of a gateway. */
export interface Imports {
  notify(): void;
  /** @throws IMPORT_UNKNOWN */
  progress(id: string, after?: string): Promise<ImportProgress>;
  /** Licences of an import in order of its lines. @throws IMPORT_UNKNOWN */
  licences(id: string, after?: string): Promise<ImportedPage>;
  stop(): Promise<void>;
}

/** How far an import is, and a page of its errors. */
export interface ImportProgress {
  readonly job: ImportJob;
  readonly state: 'running' | 'done';
  readonly anchored: number;
  readonly errors: readonly ImportError[];
  /** Where the next page begins. */
  readonly next?: string;
}

const IDLE = 2000;
const RETRY = 1000;
const ERROR_PAGE = 100;

/** Starts working off what there is, oldest key first. */
export function startImports(parts: ImportParts): Imports {
  const stop = new AbortController();
  const bell = createBell(stop.signal);
  const done = new Set<string>();
  const run = async () => {
    while (!stop.signal.aborted) {
      try {
        if (!(await runOpenJobs(parts, done, stop.signal))) await bell.wait(IDLE);
      } catch (error) {
        parts.log.warn('import waits', { error });
        await pause(RETRY, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };
  const running = run();
  return {
    notify: () => bell.ring(),
    progress: (id, after) => loadProgress(parts, id, after),
    licences: (id, after) => loadImported(parts.store, id, after),
    async stop() {
      stop.abort();
      await running;
    },
  };
}

/** True when something was done. */
async function runOpenJobs(
  parts: ImportParts,
  done: Set<string>,
  signal: AbortSignal,
): Promise<boolean> {
  let worked = false;
  for await (const { key, value } of parts.store.range({ prefix: importKey.jobs() })) {
    if (done.has(key)) continue;
    let job = decodeJob(value);
    while (job.nextChunk < job.chunks && !signal.aborted) {
      job = await runChunk(parts, job);
      worked = true;
    }
    if (job.nextChunk === job.chunks) done.add(key);
  }
  return worked;
}

async function runChunk(parts: ImportParts, job: ImportJob): Promise<ImportJob> {
  const key = importKey.chunk(job.id, job.nextChunk);
  const stored = await parts.store.get(key);
  if (stored === undefined) throw gatewayError('STORE_CORRUPT', 'a chunk of an import is gone');
  const rows = decodeChunk(stored);
  const { drafts, errors } = await draftRows(parts, job, rows);
  let next = job;
  await admitChunk(parts, job, drafts, (outcome) => {
    next = {
      ...job,
      nextChunk: job.nextChunk + 1,
      read: job.read + rows.length,
      accepted: job.accepted + outcome.admitted,
      rejected: job.rejected + rows.length - outcome.admitted,
    };
    return [
      ...storeErrors(
        job.id,
        [...errors, ...outcome.errors].toSorted((a, b) => a.line - b.line),
      ),
      storeJob(next),
      { key },
      ...(next.nextChunk === next.chunks ? parts.outbox.put(importAct(next)) : []),
    ];
  });
  parts.notify();
  await parts.outbox.drain();
  return next;
}

async function loadProgress(
  parts: ImportParts,
  id: string,
  after: string | undefined,
): Promise<ImportProgress> {
  const stored = await parts.store.get(importKey.job(id));
  if (stored === undefined) throw gatewayError('IMPORT_UNKNOWN', 'there is no such import');
  const job = decodeJob(stored);
  const prefix = importKey.errors(id);
  const from = after === undefined ? {} : { after: prefix + after };
  const found: { readonly key: string; readonly value: Uint8Array }[] = [];
  for await (const entry of parts.store.range({ prefix, ...from, limit: ERROR_PAGE + 1 })) {
    found.push(entry);
  }
  const page = found.slice(0, ERROR_PAGE);
  const last = page.at(-1)?.key.slice(prefix.length);
  const { anchored, abandoned } = await loadImportCounts(parts.store, id);
  const isDone = job.nextChunk === job.chunks && anchored + abandoned >= job.accepted;
  return {
    job,
    state: isDone ? 'done' : 'running',
    anchored,
    errors: page.map(({ value }) => decodeError(value)),
    ...(found.length > ERROR_PAGE && last !== undefined ? { next: last } : {}),
  };
}

function importAct(job: ImportJob) {
  const { id, type, accepted, rejected, actor } = job;
  return {
    kind: 'import' as const,
    actor,
    subject: null,
    outcome: 'done',
    purpose: 'issuance',
    detail: { job: id, type, accepted, rejected },
  };
}
