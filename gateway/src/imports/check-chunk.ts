// SPDX-License-Identifier: Apache-2.0
// Checks a chunk as if it were issued and issues nothing: fields, holders that stand twice in the file, holders that
// have a living licence. What came out, who was seen and how far it is are one batch.
import { encodeCbor } from '@zhenglian/core/cbor';
import type { Archive } from '../issuance/archive.ts';
import type { DraftParts } from '../issuance/draft.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { DraftedRow } from './admit-chunk.ts';
import { draftRows } from './draft-rows.ts';
import type { StoredRow } from './import-chunks.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { storeErrors, storePassed } from './import-results.ts';
import type { ImportError } from './import-results.ts';

export interface CheckParts extends DraftParts {
  readonly store: Table;
  readonly archive: Archive;
}

/** Checks the rows and writes what came out with what `close` makes of the number that passed. */
export async function checkChunk(
  parts: CheckParts,
  job: ImportJob,
  rows: readonly StoredRow[],
  close: (passed: number) => readonly TableChange[],
): Promise<void> {
  const { drafts, errors: misfits } = await draftRows(parts, job, rows);
  const errors: ImportError[] = [...misfits];
  const passed: number[] = [];
  const seen = new Set<string>();
  for (const { line, draft } of drafts) {
    const { subject } = draft.licence;
    const reason = await reasonAgainst(parts, job, subject, seen);
    if (reason === undefined) passed.push(line);
    else errors.push({ line, reason });
    seen.add(subject);
  }
  await parts.store.write([
    ...seenChanges(job, drafts),
    ...storeErrors(job.id, 'check', errors),
    storePassed(job.id, job.nextChunk, passed),
    ...close(passed.length),
  ]);
}

async function reasonAgainst(
  { store, archive }: CheckParts,
  { id }: ImportJob,
  subject: string,
  seen: ReadonlySet<string>,
): Promise<string | undefined> {
  if ((await archive.living(subject)) !== undefined) return 'licence-exists';
  const isTwice = seen.has(subject) || (await store.get(importKey.seen(id, subject))) !== undefined;
  return isTwice ? 'duplicate-line' : undefined;
}

function seenChanges({ id }: ImportJob, drafts: readonly DraftedRow[]): readonly TableChange[] {
  return drafts.map(({ line, draft }) => ({
    key: importKey.seen(id, draft.licence.subject),
    value: encodeCbor(line),
  }));
}
