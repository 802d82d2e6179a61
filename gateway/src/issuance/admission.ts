// SPDX-License-Identifier: Apache-2.0
// The way in: drafts become accepted licences, signed and with their place. One admission at a time, so that of two
// licences for one subject one is refused; who comes while others are being admitted goes with the next ones, in one
// batch of the store. What is in that batch was accepted.
import type { Locks } from '../locks.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Archive } from './archive.ts';
import type { Draft } from './draft.ts';
import { storeAttachments, storeLicence } from './licence-record.ts';
import type { LicenceRecord } from './licence-record.ts';
import type { Placing } from './placing.ts';

export interface AdmissionParts {
  readonly store: Table;
  readonly archive: Archive;
  readonly placing: Placing;
  readonly locks: Locks;
}

/** One licence that asks to be admitted; `others` belong to the same batch. */
export interface Applicant {
  readonly draft: Draft;
  /** The version it takes the place of, once it is anchored. */
  readonly previous?: LicenceRecord;
  readonly others: readonly TableChange[];
}

/** Admits licences one by one as they come. */
export interface Admission {
  /** @throws LICENCE_EXISTS, and what placing throws */
  admit(applicant: Applicant): Promise<void>;
}

interface Waiting extends Applicant {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

const MOST_AT_ONCE = 256;

/** Admission over these parts. */
export function createAdmission(parts: AdmissionParts): Admission {
  let waiting: Waiting[] = [];
  let running = false;
  const run = async () => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, MOST_AT_ONCE);
      await whileAdmitting(parts, () => admitGroup(parts, group)).catch((cause: unknown) => {
        for (const each of group) each.reject(cause);
      });
    }
    running = false;
  };
  return {
    admit: (applicant) =>
      new Promise((resolve, reject) => {
        waiting = [...waiting, { ...applicant, resolve, reject }];
        if (running) return;
        running = true;
        setImmediate(() => void run());
      }),
  };
}

/** Runs one task at a time that decides who gets in. */
export function whileAdmitting<T>(
  parts: Pick<AdmissionParts, 'locks'>,
  task: () => Promise<T>,
): Promise<T> {
  return parts.locks.hold('admission', task);
}

/** The changes that make a draft an accepted licence, but for its copy. */
export function admissionOf(
  { archive }: Pick<AdmissionParts, 'archive'>,
  { licence, attachments, job }: Draft,
): readonly TableChange[] {
  return [
    storeLicence(licence),
    ...storeAttachments(licence.id, attachments),
    ...archive.index(licence),
    archive.setLiving(licence.subject, { licence: licence.id, job: job ?? null }),
  ];
}

/** A new version whose predecessor is still to be superseded. */
export function successionKey(successor: string): string {
  return `succession/${successor}`;
}

/** Who is refused is told so and the others go on; nobody is told yes before it is stored. */
async function admitGroup(parts: AdmissionParts, group: readonly Waiting[]): Promise<void> {
  const admitted: Waiting[] = [];
  const subjects = new Set<string>();
  const livings = await parts.archive.livings(group.map(({ draft }) => draft.licence.subject));
  for (const [i, each] of group.entries()) {
    const { subject } = each.draft.licence;
    const living = livings[i];
    const isTaken = living !== undefined && living.licence !== each.previous?.id;
    if (isTaken || subjects.has(subject)) each.reject(taken());
    else {
      subjects.add(subject);
      admitted.push(each);
    }
  }
  if (admitted.length === 0) return;
  const orders = admitted.map(({ draft: { licence } }) => ({ licence, holderKey: null }));
  await parts.placing.place(
    orders,
    admitted.flatMap((each) => changesOf(parts, each)),
  );
  for (const { resolve } of admitted) resolve();
}

function changesOf(
  parts: AdmissionParts,
  { draft, previous, others }: Applicant,
): readonly TableChange[] {
  const succession = previous === undefined ? [] : succeed(parts, draft.licence, previous);
  return [...succession, ...admissionOf(parts, draft), ...others];
}

function succeed(
  { archive }: AdmissionParts,
  { id, subject }: LicenceRecord,
  previous: LicenceRecord,
): readonly TableChange[] {
  const moved =
    subject === previous.subject ? [] : [archive.setLiving(previous.subject, undefined)];
  return [
    ...moved,
    storeLicence({ ...previous, supersededBy: id }),
    { key: successionKey(id), value: new Uint8Array(0) },
  ];
}

function taken(): Error {
  return gatewayError('LICENCE_EXISTS', 'this subject has a living licence of this type');
}
