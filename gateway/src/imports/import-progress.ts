// SPDX-License-Identifier: Apache-2.0
// How far an import is, as it is told: nothing here depends on how many lines it has.
import type { Clock } from '../context.ts';
import { loadImportCounts } from '../issuance/import-count.ts';
import type { Locks } from '../locks.ts';
import type { Table } from '../store/table.ts';
import { loadJob, phaseOf } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { decodeError } from './import-results.ts';
import type { ImportError } from './import-results.ts';
import type { ImportState } from './import-states.ts';
import { tellPace } from './pace.ts';

export interface ProgressParts {
  readonly store: Table;
  readonly locks: Locks;
  readonly clock: Clock;
}

/** What is told of an import; `anchoring` and `done` are what `worked` comes to. */
export interface ImportProgress {
  readonly id: string;
  readonly type: string;
  readonly state: Exclude<ImportState, 'worked'> | 'anchoring' | 'done';
  readonly pausedFrom?: ImportState;
  readonly dryRun: boolean;
  readonly twoOfficers: boolean;
  readonly preparedBy: string;
  readonly at: number;
  readonly total: number;
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly anchored: number;
  /** Lines a second, and seconds to the last line; null while nothing is known. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
  readonly check?: { readonly accepted: number; readonly rejected: number };
  readonly decision?: NonNullable<ImportJob['decision']>;
  readonly failure?: string;
}

const ERROR_PAGE = 100;

/** @throws IMPORT_UNKNOWN */
export async function loadProgress(parts: ProgressParts, id: string): Promise<ImportProgress> {
  return progressOf(parts, await loadJob(parts.store, id));
}

/** The progress of a job that was just read. */
export async function progressOf(parts: ProgressParts, job: ImportJob): Promise<ImportProgress> {
  const { anchored, abandoned } =
    job.accepted === 0 || phaseOf(job) === 'check'
      ? { anchored: 0, abandoned: 0 }
      : await loadImportCounts(parts, job.id);
  const { id, type, dryRun, twoOfficers, at, total, read, accepted, rejected } = job;
  const { pausedFrom, check, decision, failure } = job;
  const isAnchored = anchored + abandoned >= accepted;
  return {
    id,
    type,
    state: job.state === 'worked' ? (isAnchored ? 'done' : 'anchoring') : job.state,
    ...(job.state === 'paused' && pausedFrom !== undefined ? { pausedFrom } : {}),
    dryRun,
    twoOfficers,
    preparedBy: job.actor,
    at,
    total,
    read,
    accepted,
    rejected,
    anchored,
    ...paceOf(job, parts.clock()),
    ...(check === undefined ? {} : { check }),
    ...(decision === undefined ? {} : { decision }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** A page of the lines that were not accepted. */
export async function loadErrors(
  store: Table,
  job: ImportJob,
  after?: string,
): Promise<{ readonly errors: readonly ImportError[]; readonly next?: string }> {
  const prefix = importKey.errors(job.id, phaseOf(job));
  const from = after === undefined ? {} : { after: prefix + after };
  const found: { readonly key: string; readonly value: Uint8Array }[] = [];
  for await (const entry of store.range({ prefix, ...from, limit: ERROR_PAGE + 1 })) {
    found.push(entry);
  }
  const page = found.slice(0, ERROR_PAGE);
  const last = page.at(-1)?.key.slice(prefix.length);
  const isMore = found.length > ERROR_PAGE && last !== undefined;
  return { errors: page.map(({ value }) => decodeError(value)), ...(isMore ? { next: last } : {}) };
}

function paceOf({ state, pace, read, total }: ImportJob, now: number) {
  const isGoing = state === 'checking' || state === 'running';
  return isGoing ? tellPace(pace, now, read, total) : { rate: null, secondsLeft: null };
}
