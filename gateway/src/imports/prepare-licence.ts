// SPDX-License-Identifier: Apache-2.0
// One licence of a type that two officers issue: an import of one line, checked at once as far as that goes, then
// waiting for somebody else. Nothing of it has a number, an index or a signature before.
import { loadLiving } from '../issuance/archive.ts';
import { draftLicence } from '../issuance/draft.ts';
import type { DraftParts } from '../issuance/draft.ts';
import type { GatewayContext } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { TableChange } from '../store/table.ts';
import { storeChunk } from './import-chunks.ts';
import { storeNewJob } from './import-job.ts';
import type { ImportJob } from './import-job.ts';
import { beginPace } from './pace.ts';
import { beginJob } from './start-import.ts';
import type { ImportOrder } from './start-import.ts';

type PrepareParts = Pick<
  GatewayContext,
  'store' | 'vault' | 'shelf' | 'clock' | 'random' | 'config'
>;

/** Who wants which licence. */
export interface LicenceOrder extends Pick<ImportOrder, 'type' | 'actor'> {
  readonly fields: Readonly<Record<string, string>>;
}

/** Prepares one licence. @throws FIELD_INVALID, LICENCE_EXISTS, TYPE_NOT_ISSUED */
export async function prepareLicence(
  parts: PrepareParts,
  { type, actor, fields }: LicenceOrder,
  remember: (job: ImportJob) => readonly TableChange[],
): Promise<ImportJob> {
  const { store, clock } = parts;
  const drafting: DraftParts = { ...parts, authorities: parts.config.authorities };
  const { licence } = draftLicence(drafting, { type: type.code, fields });
  if ((await loadLiving(store, licence.subject)) !== undefined) {
    throw gatewayError('LICENCE_EXISTS', 'this subject has a living licence of this type');
  }
  const begun = beginJob(parts, { type, actor, dryRun: false, twoOfficers: true });
  const pace = beginPace(clock(), 0);
  const job: ImportJob = { ...begun, state: 'checking', total: 1, chunks: 1, pace };
  const chunk = storeChunk(job.id, 0, [{ line: 1, fields }]);
  await store.write([chunk, ...storeNewJob(job), ...remember(job)]);
  return job;
}
