// SPDX-License-Identifier: Apache-2.0
// Puts the issuing desk together and lets it go on where it stood: queue, anchoring, half done acts, successions.
import { equals } from '@zhenglian/core/bytes';
import { dayAt } from '@zhenglian/core/days';
import type { Log } from '../log.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Remember } from '../middleware/idempotency.ts';
import type { TableChange } from '../store/table.ts';
import { successionKey } from './admission.ts';
import type { Admission, AdmissionParts, Applicant } from './admission.ts';
import type { Anchoring } from './anchoring.ts';
import { holderCopy } from './copy-record.ts';
import type { CopyRecord, StoredCopy } from './copy-record.ts';
import type { Accepted, Desk, HeldLicence } from './desk.ts';
import { hasTimeLeft } from './draft-fields.ts';
import { draftLicence, issuerOf, subjectIndex } from './draft.ts';
import type { DraftParts } from './draft.ts';
import { isLiving } from './licence-record.ts';
import type { LicenceRecord } from './licence-record.ts';
import { listPendingActs } from './pending-act.ts';
import type { CopyOrder } from './placing.ts';
import type { StatusDesk, StatusDeskParts } from './status-desk.ts';

export interface DeskParts extends DraftParts, AdmissionParts {
  readonly admission: Admission;
  readonly statusDesk: StatusDesk;
  readonly anchoring: Anchoring;
  readonly outbox: StatusDeskParts['outbox'];
  readonly log: Log;
}

/** The desk, and what the end of a batch sets going. */
export interface OpenDesk extends Desk {
  /** Completes half done acts and successions; what fails stays for the next call. */
  resume(): Promise<void>;
}

const ANCHOR_WITHIN = 15_000;

/** The desk over these parts. */
export function createDesk(parts: DeskParts): OpenDesk {
  const { archive, statusDesk } = parts;
  const accept = async (
    { draft, previous }: Omit<Applicant, 'others'>,
    actor: string,
    remember: Remember | undefined,
  ): Promise<Accepted> => {
    const { id, number, version } = draft.licence;
    const body: Accepted = { id, state: 'queued', number, version };
    const act = issueAct(draft.licence, previous === undefined ? 'issue' : 'reissue', actor);
    const told = parts.outbox.put(act);
    const others = [...told, ...(remember?.({ status: 202, body }) ?? [])];
    await parts.admission.admit({ draft, others, ...(previous === undefined ? {} : { previous }) });
    parts.outbox.handOver(told);
    return body;
  };
  return {
    async issue({ type, fields, actor, remember }) {
      return accept({ draft: draftLicence(parts, { type, fields }) }, actor, remember);
    },
    reissue: ({ id, fields, actor, remember }) =>
      statusDesk.whileHeld(id, async () => {
        const previous = await archive.licence(id);
        requireLiving(previous);
        const draft = draftLicence(parts, { type: previous.type, fields, previous });
        return accept({ draft, previous }, actor, remember);
      }),
    changeStatus: (request) => statusDesk.change(request),
    licence: (id) => archive.licence(id),
    attachments: (licence) => archive.attachments(licence),
    copies: (licence) => archive.copies(licence),
    copyAt: (kid, epoch, index) => archive.copyAt(kid, epoch, index),
    findByNumber: (number) => archive.byNumber(number),
    findBySubject: async (code, subject) => {
      const type = parts.shelf.typeOf(code);
      return archive.bySubject(subjectIndex(parts.vault, type, subject));
    },
    withLicence: (id, task) =>
      statusDesk.whileHeld(id, async () => task(await heldLicence(parts, id))),
    requireIssuer: (code) => issuerOf(parts, parts.shelf.typeOf(code)),
    typeOf: (code, version) => parts.shelf.typeOf(code, version),
    async resume() {
      for (const licence of await listPendingActs(parts.store)) {
        await statusDesk
          .whileHeld(licence, () => Promise.resolve())
          .catch((error: unknown) => parts.log.warn('act waits', { id: licence, error }));
      }
      await succeed(parts);
    },
  };
}

async function heldLicence(parts: DeskParts, id: string): Promise<HeldLicence> {
  const licence = await parts.archive.licence(id);
  const copies = await parts.archive.copies(id);
  return {
    licence,
    copies,
    requireInForce: () => requireTimely(parts, licence),
    async orderCopy({ holderKey, changes }) {
      requireTimely(parts, licence);
      const known = copies.find((copy) => isFor(copy, holderKey));
      requireInForce(known);
      const ordered =
        known ?? (await placeDevice(parts, { licence, holderKey }, changes ?? [])).copy;
      if (known !== undefined && changes !== undefined) await parts.store.write(changes);
      parts.outbox.handOver(changes ?? []);
      const type = parts.shelf.typeOf(licence.type, licence.typeVersion);
      if (!type.pendingRelease) await requireAnchored(parts, ordered);
      return holderCopy(ordered, licence, type);
    },
  };
}

/** @throws ANCHOR_WAIT, LICENCE_NOT_LIVING */
async function requireAnchored(parts: DeskParts, ordered: StoredCopy): Promise<void> {
  const { step } = await parts.anchoring.settled(ordered, ANCHOR_WITHIN);
  if (step !== 'anchored') {
    throw gatewayError('LICENCE_NOT_LIVING', 'the licence ended before the copy was anchored');
  }
}

async function placeDevice(
  parts: DeskParts,
  order: CopyOrder,
  changes: readonly TableChange[],
): Promise<{ readonly copy: StoredCopy }> {
  const [copy] = await parts.placing.place([order], changes);
  if (copy === undefined) throw new TypeError('unreachable: one copy an order');
  return { copy };
}

function isFor(copy: CopyRecord, holderKey: Uint8Array): boolean {
  return copy.holderKey !== null && equals(copy.holderKey, holderKey);
}

/** A key whose copy was suspended or revoked for itself, a lost phone's, gets no other one. */
function requireInForce(copy: CopyRecord | undefined): void {
  if (copy !== undefined && copy.own !== 'valid') {
    throw gatewayError('LICENCE_NOT_LIVING', `the copy of this key is ${copy.own}`);
  }
}

/** Supersedes the old version of every new one that is anchored. */
async function succeed(parts: DeskParts): Promise<void> {
  const prefix = successionKey('');
  for await (const { key } of parts.store.range({ prefix })) {
    const id = key.slice(prefix.length);
    const { supersedes } = await parts.archive.licence(id);
    const copies = await parts.archive.copies(id);
    const isAnchored = copies.some(
      ({ holderKey, step }) => holderKey === null && step === 'anchored',
    );
    if (!isAnchored || supersedes === undefined) continue;
    await parts.statusDesk
      .supersede(supersedes, id)
      .catch((error: unknown) => parts.log.warn('succession waits', { id, error }));
  }
}

function requireLiving(licence: LicenceRecord): void {
  if (!isLiving(licence) || licence.state !== 'valid') {
    throw gatewayError('LICENCE_NOT_LIVING', 'the licence is not in force');
  }
}

/** In force, and not past its legal end. */
function requireTimely({ shelf, clock }: DeskParts, licence: LicenceRecord): void {
  requireLiving(licence);
  const type = shelf.typeOf(licence.type, licence.typeVersion);
  if (!hasTimeLeft(type, licence.values, dayAt(clock()))) {
    throw gatewayError('LICENCE_NOT_LIVING', 'the licence has run out');
  }
}

/** What the trace keeps of an acceptance. */
export function issueAct(licence: LicenceRecord, kind: 'issue' | 'reissue', actor: string) {
  const { id, type, typeVersion, version, supersedes } = licence;
  return {
    kind,
    actor,
    subject: id,
    outcome: 'done',
    purpose: kind === 'issue' ? ('issuance' as const) : ('correction' as const),
    detail: {
      type,
      typeVersion,
      version,
      ...(supersedes === undefined ? {} : { supersedes }),
    },
  };
}
