// SPDX-License-Identifier: Apache-2.0
// Makes the drafts of a chunk accepted licences, signed and with their places. Licences, errors and whatever the caller
// closes the chunk with are one batch of the store, so that a kill leaves a chunk either done or to do.
import { admissionOf, whileAdmitting } from '../issuance/admission.ts';
import type { AdmissionParts } from '../issuance/admission.ts';
import type { Draft } from '../issuance/draft.ts';
import { issueAct } from '../issuance/open-desk.ts';
import type { CopyOrder } from '../issuance/placing.ts';
import type { TableChange } from '../store/table.ts';
import type { TraceAct } from '../trace/trace.ts';
import type { TraceOutbox } from '../trace-outbox.ts';
import type { ImportJob } from './import-job.ts';
import { storeImported } from './import-results.ts';
import type { ImportedLine, ImportError } from './import-results.ts';

export interface AdmitParts extends AdmissionParts {
  readonly outbox: TraceOutbox;
}

/** A line whose fields fit the type. */
export interface DraftedRow {
  readonly line: number;
  readonly draft: Draft;
}

/** What became of a chunk's drafts. */
export interface AdmittedChunk {
  readonly admitted: number;
  /** Lines that were not admitted, in order. */
  readonly errors: readonly ImportError[];
}

/** What closes a chunk: written in its batch, and told of. */
export interface ChunkClosing {
  readonly changes: readonly TableChange[];
  readonly acts: readonly TraceAct[];
}

/** Admits what may be admitted and writes it with what `close` makes of the outcome, in one batch. `minted`: as `Placing` calls it. */
export async function admitChunk(
  parts: AdmitParts,
  job: Pick<ImportJob, 'id' | 'actor'>,
  drafts: readonly DraftedRow[],
  close: (outcome: AdmittedChunk) => ChunkClosing,
  minted?: () => void,
): Promise<void> {
  await parts.outbox.room();
  const told = await whileAdmitting(parts, async () => {
    const changes: TableChange[] = [];
    const orders: CopyOrder[] = [];
    const acts: TraceAct[] = [];
    const errors: ImportError[] = [];
    const imported: ImportedLine[] = [];
    const subjects = new Set<string>();
    const holders = drafts.map(({ draft }) => draft.licence.subject);
    const livings = await parts.archive.livings(holders);
    for (const [i, { line, draft }] of drafts.entries()) {
      const { subject } = draft.licence;
      const living = livings[i];
      if (subjects.has(subject) || living?.job === job.id) {
        errors.push({ line, reason: 'duplicate-line' });
      } else if (living !== undefined) errors.push({ line, reason: 'licence-exists' });
      else {
        subjects.add(subject);
        orders.push({ licence: draft.licence, holderKey: null, job: job.id });
        changes.push(...admissionOf(parts, draft));
        imported.push({ line, licence: draft.licence.id });
        acts.push(issueAct(draft.licence, 'issue', job.actor));
      }
    }
    const closing = close({ admitted: subjects.size, errors });
    const put = parts.outbox.put(...acts, ...closing.acts);
    const closed = [...storeImported(job.id, imported), ...closing.changes, ...put];
    await parts.placing.place(orders, [...changes, ...closed], minted);
    return put;
  });
  parts.outbox.handOver(told);
}
