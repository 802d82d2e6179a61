// SPDX-License-Identifier: Apache-2.0
// Checks a chunk as if it were issued and issues nothing: fields, holders that stand twice in the file, holders that
// have a living licence. What came out, who was seen and how far it is are one batch.
import { encodeCbor } from '@zhenglian/core/cbor';
import type { Archive } from '../issuance/archive.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { DraftedRow } from './admit-chunk.ts';
import type { DraftedChunk } from './draft-chunk.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { storeErrors, storePassed } from './import-results.ts';
import type { ImportError } from './import-results.ts';

export interface CheckParts {
  readonly store: Table;
  readonly archive: Archive;
}

/** Checks drafted rows and writes what came out with what `close` makes of the number that passed. */
export async function checkChunk(
  parts: CheckParts,
  job: ImportJob,
  { drafts, errors: misfits }: DraftedChunk,
  close: (passed: number) => readonly TableChange[],
): Promise<void> {
  const errors: ImportError[] = [...misfits];
  const passed: number[] = [];
  const seen = new Set<string>();
  const holders = drafts.map(({ draft }) => draft.licence.subject);
  const livings = await parts.archive.livings(holders);
  const before = await parts.store.getMany(holders.map((holder) => importKey.seen(job.id, holder)));
  for (const [i, { line, draft }] of drafts.entries()) {
    const { subject } = draft.licence;
    const isTwice = seen.has(subject) || before[i] !== undefined;
    const reason =
      livings[i] === undefined ? (isTwice ? 'duplicate-line' : undefined) : 'licence-exists';
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

function seenChanges({ id }: ImportJob, drafts: readonly DraftedRow[]): readonly TableChange[] {
  return drafts.map(({ line, draft }) => ({
    key: importKey.seen(id, draft.licence.subject),
    value: encodeCbor(line),
  }));
}
