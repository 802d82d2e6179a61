// SPDX-License-Identifier: Apache-2.0
// How an import begins, and from a file that was uploaded. Whether two officers are needed is the type's to say; an
// officer may ask for it where it is not.
import { toHex } from '@zhenglian/core/bytes';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { Clock, RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import { loadUpload, storeUpload } from '../uploads/upload-record.ts';
import { newJob, storeNewJob } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { readUploadedRows } from './row-source.ts';
import type { FileForm } from './row-source.ts';

export interface StartParts {
  readonly store: Table;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** What an import is to be. */
export interface ImportOrder {
  readonly type: TypeDefinition;
  readonly actor: string;
  readonly dryRun: boolean;
  /** Asked for; a type may demand it whatever was asked. */
  readonly twoOfficers: boolean;
}

/** Whether one officer alone may issue licences of a type. */
export function needsApproval({ approval }: TypeDefinition): boolean {
  return approval === 'two-officers';
}

/** A job that is read in next. */
export function beginJob({ clock, random }: StartParts, order: ImportOrder): ImportJob {
  const { type, actor, dryRun } = order;
  const twoOfficers = !dryRun && (order.twoOfficers || needsApproval(type));
  const id = toHex(random(16));
  return newJob({ id, type: type.code, actor, at: clock(), state: 'reading', dryRun, twoOfficers });
}

/**
 * Begins to import an uploaded file whose first line fits.
 * @throws UPLOAD_UNKNOWN, UPLOAD_INCOMPLETE, IMPORT_COLUMNS, IMPORT_ENCODING, IMPORT_MALFORMED, IMPORT_TOO_LARGE
 */
export async function importUpload(
  parts: StartParts,
  order: ImportOrder,
  { upload: name, form }: { readonly upload: string; readonly form: FileForm },
  remember: (job: ImportJob) => readonly TableChange[],
): Promise<ImportJob> {
  const upload = await loadUpload(parts.store, name, order.actor);
  if (upload.state !== 'complete') {
    throw gatewayError(
      'UPLOAD_INCOMPLETE',
      'the upload is not complete: send the rest of the file',
    );
  }
  await checkBeginning(parts.store, name, form, order.type);
  const job: ImportJob = { ...beginJob(parts, order), source: { upload: name, ...form } };
  const used = storeUpload({ ...upload, at: parts.clock() });
  await parts.store.write([...storeNewJob(job), used, ...remember(job)]);
  return job;
}

/** Wrong columns are told to who asks, not found out later. */
async function checkBeginning(
  store: Table,
  upload: string,
  form: FileForm,
  type: TypeDefinition,
): Promise<void> {
  const rows = readUploadedRows(store, upload, form, type)[Symbol.asyncIterator]();
  await rows.next();
  await rows.return?.();
}
