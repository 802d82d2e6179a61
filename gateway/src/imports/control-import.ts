// SPDX-License-Identifier: Apache-2.0
// What people do with an import: hold it, let it go on, end it, approve or refuse it. Each is one batch of the store
// with its act in the trace, under the lock that the work on it holds too: a chunk is done or to do, never cut.
import { gatewayError } from '../problem-codes.ts';
import type { TableChange } from '../store/table.ts';
import { importAct } from './import-act.ts';
import { storeJob } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { requireMove, requireState, workingState } from './import-states.ts';
import { beginPace } from './pace.ts';
import { whileHeld } from './work-import.ts';
import type { WorkParts } from './work-import.ts';

/** Who does it, and what else belongs to the batch. */
export interface ControlRequest {
  readonly id: string;
  readonly actor: string;
  readonly remember: (job: ImportJob) => Promise<readonly TableChange[]>;
}

type ControlParts = Pick<WorkParts, 'store' | 'locks' | 'clock' | 'outbox'>;

/** Holds an import after the chunk it is at. @throws IMPORT_UNKNOWN, IMPORT_STATE */
export function pauseImport(parts: ControlParts, request: ControlRequest): Promise<ImportJob> {
  return move(parts, request, (job) => {
    const pausedFrom = workingState(job.state);
    return { ...job, state: 'paused', ...(pausedFrom === undefined ? {} : { pausedFrom }) };
  });
}

/** Lets it go on where it was. @throws IMPORT_UNKNOWN, IMPORT_STATE */
export function resumeImport(parts: ControlParts, request: ControlRequest): Promise<ImportJob> {
  return move(parts, request, ({ pausedFrom, ...job }) => {
    requireState(job, 'paused');
    return { ...job, state: pausedFrom ?? 'reading', pace: beginPace(parts.clock(), job.read) };
  });
}

/** Ends it: what was issued stays issued, the rest never will be. @throws IMPORT_UNKNOWN, IMPORT_STATE */
export function cancelImport(parts: ControlParts, request: ControlRequest): Promise<ImportJob> {
  return move(parts, request, (job) => ({ ...job, state: 'cancelled' }));
}

/** Says yes to what somebody else prepared. @throws IMPORT_UNKNOWN, IMPORT_STATE, OWN_APPROVAL */
export function approveImport(parts: ControlParts, request: ControlRequest): Promise<ImportJob> {
  return decide(parts, request, true);
}

/** Says no, and why. @throws IMPORT_UNKNOWN, IMPORT_STATE, OWN_APPROVAL */
export function refuseImport(
  parts: ControlParts,
  request: ControlRequest & { readonly reason: string },
): Promise<ImportJob> {
  return decide(parts, request, false, request.reason);
}

async function decide(
  parts: ControlParts,
  request: ControlRequest,
  approved: boolean,
  reason?: string,
): Promise<ImportJob> {
  const { actor } = request;
  const at = parts.clock();
  return move(parts, request, (job) => {
    requireState(job, 'prepared');
    if (job.actor === actor) {
      throw gatewayError('OWN_APPROVAL', 'who prepared an import does not decide about it');
    }
    return {
      ...job,
      state: approved ? 'running' : 'refused',
      decision: { actor, at, approved, ...(reason === undefined ? {} : { reason }) },
      pace: beginPace(at, job.read),
    };
  });
}

async function move(
  parts: ControlParts,
  { id, actor, remember }: ControlRequest,
  change: (job: ImportJob) => ImportJob,
): Promise<ImportJob> {
  return whileHeld(parts, id, async (job) => {
    const next = change(job);
    requireMove(job.state, next.state);
    const told = parts.outbox.put(importAct(next, actor));
    await parts.store.write([...storeJob(next), ...told, ...(await remember(next))]);
    parts.outbox.handOver(told);
    return next;
  });
}
