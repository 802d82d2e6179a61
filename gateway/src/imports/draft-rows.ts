// SPDX-License-Identifier: Apache-2.0
// The rows of a chunk against their licence type: a draft for each that fits, the reasons for each that does not.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import { draftLicence } from '../issuance/draft.ts';
import type { Draft, DraftParts } from '../issuance/draft.ts';
import type { DraftedRow } from './admit-chunk.ts';
import type { ImportRow } from './import-row.ts';
import type { ImportJob } from './import-job.ts';
import type { ImportError } from './import-results.ts';

/** Rows as they fit the type. */
export interface DraftedRows {
  readonly drafts: readonly DraftedRow[];
  readonly errors: readonly ImportError[];
}

/** Rows between two turns of the event loop. */
const TURN = 25;

type JobOfRows = Pick<ImportJob, 'id' | 'type'>;

/** Drafts rows; lets requests through now and then, for checking a chunk takes longer than one should wait. */
export async function draftRows(
  parts: DraftParts,
  job: JobOfRows,
  rows: readonly ImportRow[],
): Promise<DraftedRows> {
  const drafts: DraftedRow[] = [];
  const errors: ImportError[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % TURN === TURN - 1) await nextTurn();
    const draft = draftRow(parts, job, row, errors);
    if (draft !== undefined) drafts.push({ line: row.line, draft });
  }
  return { drafts, errors };
}

function draftRow(
  parts: DraftParts,
  job: JobOfRows,
  { line, fields, reason, faults }: ImportRow,
  errors: ImportError[],
): Draft | undefined {
  if (faults !== undefined) {
    errors.push(...faults.map((fault) => ({ line, ...fault })));
    return undefined;
  }
  if (fields === undefined) {
    errors.push({ line, reason: reason ?? 'columns' });
    return undefined;
  }
  try {
    return draftLicence(parts, { type: job.type, fields, job: job.id });
  } catch (cause) {
    if (!isCodedError(cause, 'FIELD_INVALID')) throw cause;
    errors.push(...fieldErrors(line, cause.detail));
    return undefined;
  }
}

function fieldErrors(line: number, detail: unknown): ImportError[] {
  const problems = Array.isArray(detail)
    ? (detail as readonly { slot: string; reason: string }[])
    : [];
  // The name of an unknown field of a JSON line is the sender's text: it is not repeated.
  return problems.slice(0, 20).map(({ slot, reason }) => ({
    line,
    ...(reason === 'unknown' ? {} : { slot }),
    reason,
  }));
}
