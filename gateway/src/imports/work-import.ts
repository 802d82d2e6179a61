// SPDX-License-Identifier: Apache-2.0
// One step of an import, whatever it stands at: a chunk is read in, checked or issued, or a piece of what is no longer
// needed is deleted. Each step is one batch of the store, so a kill leaves it done or to do.
import type { Locks } from '../locks.ts';
import type { Log } from '../log.ts';
import type { TableChange } from '../store/table.ts';
import { admitChunk } from './admit-chunk.ts';
import type { AdmitParts, AdmittedChunk, ChunkClosing } from './admit-chunk.ts';
import { checkChunk } from './check-chunk.ts';
import type { DraftAhead } from './draft-ahead.ts';
import { draftChunk } from './draft-chunk.ts';
import type { DraftChunkParts } from './draft-chunk.ts';
import { importAct } from './import-act.ts';
import { loadJob, storeJob } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { storeErrors } from './import-results.ts';
import { beginPace, keepPace } from './pace.ts';
import type { FileReader } from './read-in.ts';
import { sweepStep } from './sweep-import.ts';

export interface WorkParts extends DraftChunkParts, AdmitParts {
  readonly locks: Locks;
  readonly log: Log;
  /** Copies were queued. */
  readonly notify: () => void;
}

/** Runs a task that changes an import, one at a time wherever it is asked for, on the import as it is now. */
export function whileHeld<T>(
  { store, locks }: Pick<WorkParts, 'store' | 'locks'>,
  id: string,
  task: (job: ImportJob) => Promise<T>,
): Promise<T> {
  return locks.hold(`import/${id}`, async () => task(await loadJob(store, id)));
}

/** Does one step; false when there is nothing to do. */
export function stepImport(
  parts: WorkParts,
  id: string,
  { reader, ahead }: { readonly reader: FileReader; readonly ahead: DraftAhead },
): Promise<boolean> {
  return whileHeld(parts, id, async (job) => {
    switch (job.state) {
      case 'reading':
        await reader.step(job);
        return true;
      case 'checking':
        await check(parts, job);
        return true;
      case 'running':
        await issue(parts, job, ahead);
        return true;
      case 'prepared':
      case 'paused':
        return false;
      default:
        return sweepStep(parts, job);
    }
  });
}

async function check(parts: WorkParts, job: ImportJob): Promise<void> {
  if (job.nextChunk === job.chunks) {
    const next = checkEnded(job);
    await writeTold(parts, next, storeJob(next));
    return;
  }
  const drafted = await draftChunk(parts, job);
  // A dry run needs its rows no longer; what waits for an approval does.
  const spent = job.dryRun ? [{ key: importKey.chunk(job.id, job.nextChunk) }] : [];
  await checkChunk(parts, job, drafted, (passed) => [
    ...storeJob(counted(parts, job, drafted.rows, passed)),
    ...spent,
  ]);
}

/** Before the approval rows are counted anew: the check's counts are kept aside. */
function checkEnded(job: ImportJob): ImportJob {
  if (job.dryRun) return { ...job, state: 'checked' };
  const { accepted, rejected } = job;
  const anew = { nextChunk: 0, read: 0, accepted: 0, rejected: 0 };
  return { ...job, ...anew, state: 'prepared', check: { accepted, rejected } };
}

async function issue(parts: WorkParts, job: ImportJob, ahead: DraftAhead): Promise<void> {
  if (job.nextChunk === job.chunks) {
    const worked: ImportJob = { ...job, state: 'worked' };
    await writeTold(parts, worked, storeJob(worked));
    return;
  }
  const { rows, drafts, errors } = await ahead.take(job);
  const close = (outcome: AdmittedChunk): ChunkClosing => {
    const next = counted(parts, job, rows, outcome.admitted);
    const isLast = next.nextChunk === next.chunks;
    const after: ImportJob = isLast ? { ...next, state: 'worked' } : next;
    return {
      changes: [
        ...storeErrors(job.id, 'issue', [...errors, ...outcome.errors]),
        { key: importKey.chunk(job.id, job.nextChunk) },
        ...storeJob(after),
      ],
      acts: isLast ? [importAct(after, job.actor)] : [],
    };
  };
  // The next chunk is drafted while this one is being stored: before, its copies would wait behind it.
  await admitChunk(parts, job, drafts, close, () => ahead.prepare(job));
  parts.notify();
}

async function writeTold(
  { store, outbox }: WorkParts,
  job: ImportJob,
  changes: readonly TableChange[],
): Promise<void> {
  const told = outbox.put(importAct(job, job.actor));
  await store.write([...changes, ...told]);
  outbox.handOver(told);
}

function counted({ clock }: WorkParts, job: ImportJob, rows: number, accepted: number): ImportJob {
  const read = job.read + rows;
  return {
    ...job,
    nextChunk: job.nextChunk + 1,
    read,
    accepted: job.accepted + accepted,
    rejected: job.rejected + rows - accepted,
    pace: keepPace(job.pace ?? beginPace(clock(), job.read), clock(), read),
  };
}
