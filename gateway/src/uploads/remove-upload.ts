// SPDX-License-Identifier: Apache-2.0
// Takes files away again: those that were imported or given up, and those nobody went on with for a day. The record
// says so first and goes last, so that a kill in between leaves no block behind for ever.
import { dataKeyName } from '../store/field-groups.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Clock } from '../context.ts';
import type { Locks } from '../locks.ts';
import { BLOCK_BYTES } from './read-upload.ts';
import { decodeUpload, storeUpload, uploadKey } from './upload-record.ts';
import type { Upload } from './upload-record.ts';

interface RemoveParts {
  readonly store: Table;
  readonly locks: Locks;
}

/** How long a file waits for somebody to go on with it. */
export const KEPT_SECONDS = 86_400;
const DELETED_AT_ONCE = 1000;

/** Deletes a file; one that is not there is no error. */
export async function removeUpload(parts: RemoveParts, id: string): Promise<void> {
  const { store } = parts;
  const upload = await parts.locks.hold(`upload/${id}`, async () => {
    const stored = await store.get(uploadKey.record(id));
    if (stored === undefined) return undefined;
    const gone: Upload = { ...decodeUpload(stored), state: 'gone' };
    await store.write([storeUpload(gone)]);
    return gone;
  });
  if (upload === undefined) return;
  // A file that was begun anew has blocks up to what it was created for.
  const blocks = Math.ceil(upload.bytes / BLOCK_BYTES);
  for (let n = 0; n < blocks; n += DELETED_AT_ONCE) {
    const changes: TableChange[] = [];
    for (let i = n; i < Math.min(blocks, n + DELETED_AT_ONCE); i += 1) {
      changes.push({ key: uploadKey.block(id, i) });
    }
    await store.write(changes);
  }
  await store.write([{ key: dataKeyName(id) }, { key: uploadKey.record(id) }]);
}

/** Deletes files that nothing was done with for a day. */
export async function forgetOldUploads(
  parts: RemoveParts & { readonly clock: Clock },
): Promise<void> {
  const oldest = parts.clock() - KEPT_SECONDS;
  for await (const { value } of parts.store.range({ prefix: uploadKey.records() })) {
    const { id, at, state } = decodeUpload(value);
    if (at < oldest || state === 'gone') await removeUpload(parts, id);
  }
}
