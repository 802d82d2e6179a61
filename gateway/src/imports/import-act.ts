// SPDX-License-Identifier: Apache-2.0
// What the trace keeps of an import: what it became, by whom, and how many lines.
import type { TraceAct } from '../trace/trace.ts';
import type { ImportJob } from './import-job.ts';

/** The act that brought an import to its state. */
export function importAct(job: ImportJob, actor: string): TraceAct {
  const { id, type, state, accepted, rejected, check, failure } = job;
  const counts = state === 'prepared' && check !== undefined ? check : { accepted, rejected };
  return {
    kind: 'import',
    actor,
    // So that who decided about an import is found by its id.
    subject: id,
    outcome: failure ?? 'done',
    purpose: 'issuance',
    detail: { job: id, type, state, accepted: counts.accepted, rejected: counts.rejected },
  };
}
