// SPDX-License-Identifier: Apache-2.0
// Imports, the newest first, a page at a time.
import { importKey, listPlace } from './import-keys.ts';
import { decodeJob, decodeJobId } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { progressOf } from './import-progress.ts';
import type { ImportProgress, ProgressParts } from './import-progress.ts';

/** A page of the list, and where the next one begins. */
export interface ImportPage {
  readonly imports: readonly ImportProgress[];
  readonly next?: string;
}

const PAGE = 25;

/** Imports that `sees` lets pass, after a place in the list. */
export async function listImports(
  parts: ProgressParts,
  sees: (job: ImportJob) => boolean,
  after?: string,
): Promise<ImportPage> {
  const prefix = importKey.list();
  const from = after === undefined ? {} : { after: prefix + after };
  const found: ImportJob[] = [];
  for await (const { value } of parts.store.range({ prefix, ...from })) {
    const stored = await parts.store.get(importKey.job(decodeJobId(value)));
    if (stored === undefined) continue;
    const job = decodeJob(stored);
    if (sees(job)) found.push(job);
    if (found.length > PAGE) break;
  }
  const page = found.slice(0, PAGE);
  const last = page.at(-1);
  return {
    imports: await Promise.all(page.map((job) => progressOf(parts, job))),
    ...(found.length > PAGE && last !== undefined ? { next: listPlace(last.at, last.id) } : {}),
  };
}
