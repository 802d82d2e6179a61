// SPDX-License-Identifier: Apache-2.0
// Deletes what an import no longer needs once it has ended, a piece a step: rows that will not be issued, the holders
// that a check has seen, the file it came from, the key its rows were sealed under.
import type { Locks } from '../locks.ts';
import { dataKeyName } from '../store/field-groups.ts';
import type { Table, TableChange } from '../store/table.ts';
import { removeUpload } from '../uploads/remove-upload.ts';
import { storeJob } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { importKey } from './import-keys.ts';

const AT_ONCE = 1000;

/** One piece; false when nothing was left. */
export async function sweepStep(
  parts: { readonly store: Table; readonly locks: Locks },
  job: ImportJob,
): Promise<boolean> {
  const { store } = parts;
  const { id, nextChunk, chunks, source, dryRun } = job;
  if (job.swept) return false;
  if (nextChunk < chunks) {
    const end = Math.min(chunks, nextChunk + AT_ONCE);
    const spent: TableChange[] = [];
    for (let n = nextChunk; n < end; n += 1) spent.push({ key: importKey.chunk(id, n) });
    await store.write([...spent, ...storeJob({ ...job, nextChunk: end })]);
    return true;
  }
  const seen: TableChange[] = [];
  for await (const { key } of store.range({ prefix: importKey.seens(id), limit: AT_ONCE })) {
    seen.push({ key });
  }
  if (seen.length > 0) {
    await store.write(seen);
    return true;
  }
  // After a dry run the same file may be issued: it goes when nobody came back to it for a day.
  if (source !== undefined && !dryRun) await removeUpload(parts, source.upload);
  await store.write([{ key: dataKeyName(id) }, ...storeJob({ ...job, swept: true })]);
  return true;
}
