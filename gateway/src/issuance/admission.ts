// SPDX-License-Identifier: Apache-2.0
// The way in: drafts become accepted licences. One admission at a time, so that of two licences for one subject
// one is refused; everything of an admission is one batch of the store, and what is in it was accepted.
import type { Locks } from '../locks.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Archive, Living } from './archive.ts';
import { storeCopy } from './copy-record.ts';
import type { Draft } from './draft.ts';
import { storeLicence } from './licence-record.ts';
import type { LicenceRecord } from './licence-record.ts';
import type { Queue } from './queue.ts';

export interface AdmissionParts {
  readonly store: Table;
  readonly archive: Archive;
  readonly queue: Queue;
  readonly locks: Locks;
}

/** Runs one task at a time that decides who gets in. */
export function whileAdmitting<T>(parts: AdmissionParts, task: () => Promise<T>): Promise<T> {
  return parts.locks.hold('admission', task);
}

/** Admits one licence. `others` belong to the same batch. @throws LICENCE_EXISTS */
export function admit(
  parts: AdmissionParts,
  draft: Draft,
  others: readonly TableChange[],
): Promise<void> {
  return whileAdmitting(parts, async () => {
    if ((await parts.archive.living(draft.licence.subject)) !== undefined) {
      throw gatewayError('LICENCE_EXISTS', 'this subject has a living licence of this type');
    }
    await parts.store.write([...admissionOf(parts, draft), ...others]);
  });
}

/** Admits the next version of a licence; the old one is superseded once the new one is anchored. @throws LICENCE_EXISTS */
export function admitSuccessor(
  parts: AdmissionParts,
  draft: Draft,
  previous: LicenceRecord,
  others: readonly TableChange[],
): Promise<void> {
  return whileAdmitting(parts, async () => {
    const { subject, id } = draft.licence;
    const living = await parts.archive.living(subject);
    if (living !== undefined && living.licence !== previous.id) {
      throw gatewayError('LICENCE_EXISTS', 'this subject has a living licence of this type');
    }
    const moved =
      subject === previous.subject ? [] : [parts.archive.setLiving(previous.subject, undefined)];
    await parts.store.write([
      ...moved,
      ...admissionOf(parts, draft),
      storeLicence({ ...previous, supersededBy: id }),
      { key: successionKey(id), value: new Uint8Array(0) },
      ...others,
    ]);
  });
}

/** The changes that make a draft an accepted licence, waiting for its place. */
export function admissionOf(parts: AdmissionParts, { licence, copy }: Draft): TableChange[] {
  const living: Living = { licence: licence.id, job: copy.job ?? null };
  return [
    storeLicence(licence),
    storeCopy(copy),
    ...parts.archive.index(licence),
    parts.archive.setLiving(licence.subject, living),
    parts.queue.add(copy),
  ];
}

/** A new version whose predecessor is still to be superseded. */
export function successionKey(successor: string): string {
  return `succession/${successor}`;
}
