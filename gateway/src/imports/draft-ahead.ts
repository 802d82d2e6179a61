// SPDX-License-Identifier: Apache-2.0
// The chunk of an import that comes next, drafted while the one before is being stored. A draft is nothing but memory:
// what is drafted and not wanted after all is forgotten.
import type { DraftParts } from '../issuance/draft.ts';
import type { Table } from '../store/table.ts';
import { draftRows } from './draft-rows.ts';
import type { DraftedRows } from './draft-rows.ts';
import { loadChunk } from './import-chunks.ts';
import type { ImportJob } from './import-job.ts';

/** A chunk whose rows were held against their type. */
export interface DraftedChunk extends DraftedRows {
  /** Rows of it, good and bad. */
  readonly rows: number;
}

/** Drafts the chunks of one import. */
export interface DraftAhead {
  /** The chunk that the import stands at. @throws STORE_CORRUPT */
  take(job: ImportJob): Promise<DraftedChunk>;
  /** Begins with the chunk after that one. */
  prepare(job: ImportJob): void;
}

/** Nothing is drafted yet. */
export function createDraftAhead(parts: DraftParts & { readonly store: Table }): DraftAhead {
  let ahead: { readonly chunk: number; readonly drafted: Promise<DraftedChunk> } | undefined;
  const draft = async (job: ImportJob): Promise<DraftedChunk> => {
    const rows = await loadChunk(parts.store, job);
    return { rows: rows.length, ...(await draftRows(parts, job, rows)) };
  };
  return {
    take(job) {
      const drafted = ahead?.chunk === job.nextChunk ? ahead.drafted : draft(job);
      ahead = undefined;
      return drafted;
    },
    prepare(job) {
      const chunk = job.nextChunk + 1;
      if (chunk >= job.chunks) return;
      const drafted = draft({ ...job, nextChunk: chunk });
      drafted.catch(() => undefined); // whoever takes it is told
      ahead = { chunk, drafted };
    },
  };
}
