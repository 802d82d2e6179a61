// SPDX-License-Identifier: Apache-2.0
// The chunk of an import that comes next, drafted while the one before is being stored. A draft is nothing but memory:
// what is drafted and not wanted after all is forgotten.
import { draftChunk } from './draft-chunk.ts';
import type { DraftChunkParts, DraftedChunk } from './draft-chunk.ts';
import type { ImportJob } from './import-job.ts';

/** Drafts the chunks of one import. */
export interface DraftAhead {
  /** The chunk that the import stands at. @throws STORE_CORRUPT */
  take(job: ImportJob): Promise<DraftedChunk>;
  /** Begins with the chunk after that one. */
  prepare(job: ImportJob): void;
}

/** Nothing is drafted yet. */
export function createDraftAhead(parts: DraftChunkParts): DraftAhead {
  let ahead: { readonly chunk: number; readonly drafted: Promise<DraftedChunk> } | undefined;
  return {
    take(job) {
      const drafted = ahead?.chunk === job.nextChunk ? ahead.drafted : draftChunk(parts, job);
      ahead = undefined;
      return drafted;
    },
    prepare(job) {
      const chunk = job.nextChunk + 1;
      if (chunk >= job.chunks) return;
      const drafted = draftChunk(parts, { ...job, nextChunk: chunk });
      drafted.catch(() => undefined); // whoever takes it is told
      ahead = { chunk, drafted };
    },
  };
}
