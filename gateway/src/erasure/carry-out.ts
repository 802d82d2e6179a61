// SPDX-License-Identifier: Apache-2.0
// What an erasure does: the data keys of the licences are destroyed and the index entries deleted, in one batch a licence
// with its act for the trace; then the files are rewritten, so that no destroyed key is left on the disk. What the ledger
// and the trace need stays: it tells of ids, places and times, never of values.
// The wish for it is stored with the first of these batches and deleted when all is done: after a kill, or when the store
// was away in between, the chores carry out the rest. What is done already is passed by, so that nothing is told twice.
import { fromUtf8 } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import type { GatewayContext } from '../context.ts';
import type { Archive } from '../issuance/archive.ts';
import type { LicenceRecord } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import { erasedMark } from '../store/data-keys.ts';
import { dataKeyName } from '../store/field-groups.ts';
import type { Table, TableChange } from '../store/table.ts';
import { listUnfinished, unfinishedKey } from './erasure-record.ts';
import type { Erasure } from './erasure-record.ts';

export type CarryOutParts = Pick<
  GatewayContext,
  'store' | 'purge' | 'locks' | 'archive' | 'desk' | 'outbox'
>;

/** Erases what a receipt names. `first` goes into the batch of its first licence. @throws LICENCE_UNKNOWN when all are erased already */
export function carryOut(
  parts: CarryOutParts,
  erasure: Erasure,
  first: readonly TableChange[] = [],
): Promise<void> {
  return parts.locks.hold(lockOf(erasure.id), () => carryOutHeld(parts, erasure, first));
}

/** Carries out the rest of every erasure that was begun, unless somebody is at it. */
export async function finishErasures(parts: CarryOutParts): Promise<void> {
  for (const erasure of await listUnfinished(parts.store)) {
    await parts.locks.ifFree(lockOf(erasure.id), () => carryOutHeld(parts, erasure, []));
  }
}

async function carryOutHeld(
  parts: CarryOutParts,
  erasure: Erasure,
  first: readonly TableChange[],
): Promise<void> {
  const { archive, desk, store, outbox } = parts;
  let kept = first;
  for (const id of erasure.licences) {
    const told = await desk
      .withLicence(id, ({ licence }) => eraseLicence(parts, archive, licence, erasure, kept))
      .catch(unlessErased);
    if (told === undefined) continue;
    kept = [];
    outbox.handOver(told);
    await outbox.told();
  }
  if (kept.length > 0) throw gatewayError('LICENCE_UNKNOWN', 'these were erased a moment ago');
  for (const id of erasure.licences) {
    for (const prefix of [`licence/${id}`, `copy/${id}/`, `attachments/${id}`]) {
      await parts.purge(prefix);
    }
    await parts.purge(dataKeyName(id));
  }
  await parts.purge('once/');
  await store.write([{ key: unfinishedKey(erasure) }]);
}

function lockOf(id: string): string {
  return `erasure/${id}`;
}

function unlessErased(error: unknown): undefined {
  if (!isCodedError(error, 'ERASED')) throw error;
}

async function eraseLicence(
  { store, outbox }: CarryOutParts,
  archive: Archive,
  licence: LicenceRecord,
  erasure: Erasure,
  kept: readonly TableChange[],
): Promise<readonly TableChange[]> {
  await sealAnew(store, licence.id);
  const living = await archive.living(licence.subject);
  const { actor, purpose } = erasure;
  const told = outbox.put({
    ...{ kind: 'erasure', actor, purpose, subject: licence.id, outcome: 'done' },
    detail: { receipt: erasure.id, type: licence.type },
  });
  await store.write([
    { key: dataKeyName(licence.id), value: erasedMark(erasure.id) },
    ...archive.index(licence).map(({ key }) => ({ key })),
    ...(living?.licence === licence.id ? [archive.setLiving(licence.subject, undefined)] : []),
    ...(await keptAnswers(store, licence.id, erasure.id)),
    ...kept,
    ...told,
  ]);
  return told;
}

/** Rows that an earlier version sealed under the master key get a data key, which is what can be destroyed. */
async function sealAnew(store: Table, id: string): Promise<void> {
  const changes: TableChange[] = [];
  for (const prefix of [`licence/${id}`, `copy/${id}/`, `attachments/${id}`]) {
    for await (const entry of store.range({ prefix })) changes.push(entry);
  }
  await store.write(changes);
}

/** Answers kept for Idempotency-Key may tell the licence's number; the receipt's own tells ids only. */
async function keptAnswers(
  store: Table,
  id: string,
  receipt: string,
): Promise<readonly TableChange[]> {
  const found: TableChange[] = [];
  for await (const { key, value } of store.range({ prefix: 'once/' })) {
    const answer = fromUtf8(value);
    if (answer.includes(id) && !answer.includes(receipt)) found.push({ key });
  }
  return found;
}
