// SPDX-License-Identifier: Apache-2.0
// The chunk that an import stands at, its rows held against their type: a draft for each that fits, the reasons for each
// that does not.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { draftTerms, recordDraft } from '../issuance/draft.ts';
import type { DraftParts } from '../issuance/draft.ts';
import type { Table } from '../store/table.ts';
import type { Work } from '../thread/work.ts';
import type { DraftedRow } from './admit-chunk.ts';
import { loadChunk, MAX_CHUNK_ROWS } from './import-chunks.ts';
import type { ImportJob } from './import-job.ts';
import type { ImportError } from './import-results.ts';

/** A chunk whose rows were held against their type. */
export interface DraftedChunk {
  /** Rows of it, good and bad. */
  readonly rows: number;
  readonly drafts: readonly DraftedRow[];
  readonly errors: readonly ImportError[];
}

export interface DraftChunkParts extends DraftParts {
  readonly store: Table;
  readonly work: Pick<Work, 'fitRows'>;
}

/** Licences recorded between two turns of the event loop: about a millisecond's work. */
const TURN = 100;

/** Drafts a chunk. @throws STORE_CORRUPT, TYPE_UNKNOWN, TYPE_NOT_ISSUED */
export async function draftChunk(
  parts: DraftChunkParts,
  job: Pick<ImportJob, 'id' | 'type' | 'nextChunk'>,
): Promise<DraftedChunk> {
  const chunk = await loadChunk(parts.store, job);
  const terms = draftTerms(parts, job);
  const serials = parts.random(8 * MAX_CHUNK_ROWS);
  const { rows, fitting, errors } = await parts.work.fitRows({ terms, chunk, serials });
  const drafts: DraftedRow[] = [];
  for (const [i, { line, ...drafted }] of fitting.entries()) {
    if (i % TURN === TURN - 1) await nextTurn();
    drafts.push({ line, draft: recordDraft(parts, terms, { ...drafted, job: job.id }) });
  }
  return { rows, drafts, errors };
}
