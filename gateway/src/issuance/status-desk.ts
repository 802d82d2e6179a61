// SPDX-License-Identifier: Apache-2.0
// Status acts on a licence under its lock (docs/api.md §2). Order of writing: the act is noted; copies that will never be
// anchored are given up; the ledger changes; the licence changes and the act is crossed out, in one batch.
// A kill after the note leaves the act to be completed by whoever holds the licence next, or by the next start.
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { RandomBytes } from '../context.ts';
import type { Locks } from '../locks.ts';
import type { Remember } from '../middleware/idempotency.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { TraceOutbox } from '../trace-outbox.ts';
import { successionKey } from './admission.ts';
import type { Anchoring } from './anchoring.ts';
import type { Archive } from './archive.ts';
import { storeCopy } from './copy-record.ts';
import type { CopyRecord } from './copy-record.ts';
import type { Changed, StatusAct, StatusCommitted } from './desk.ts';
import { loadBatchOf } from './batch-record.ts';
import { laneLock } from './lane.ts';
import { voidLeafOf } from './leaf.ts';
import type { Leaves } from './leaves.ts';
import { storeLicence } from './licence-record.ts';
import type { LicenceRecord } from './licence-record.ts';
import { deletePendingAct, loadPendingAct, storeHistory, storePendingAct } from './pending-act.ts';
import type { PendingAct } from './pending-act.ts';
import { changeStatuses, mayFollow } from './status-changes.ts';
import type { StatusParts } from './status-changes.ts';
import { gatewayError } from '../problem-codes.ts';

export interface StatusDeskParts extends StatusParts {
  readonly store: Table;
  readonly archive: Archive;
  readonly leaves: Leaves;
  readonly locks: Locks;
  readonly anchoring: Anchoring;
  readonly outbox: TraceOutbox;
  readonly random: RandomBytes;
}

/** Acts on licences. */
export interface StatusDesk {
  /** Runs a task under the licence's lock, a half done act completed before. @throws LICENCE_UNKNOWN */
  whileHeld<T>(licence: string, task: () => Promise<T>): Promise<T>;
  change(request: {
    readonly id: string;
    readonly act: StatusAct;
    readonly actor: string;
    readonly remember?: Remember;
  }): Promise<Changed>;
  /** Revokes a licence whose successor is anchored. */
  supersede(old: string, successor: string): Promise<void>;
}

const ANCHOR_WITHIN = 15_000;

/** The desk over these parts. */
export function createStatusDesk(parts: StatusDeskParts): StatusDesk {
  const complete = async (act: PendingAct, remember?: Remember): Promise<Changed> => {
    const licence = await parts.archive.licence(act.licence);
    if (act.state === 'revoked') await settleCopies(parts, licence, act);
    const copies = await targets(parts, act);
    const committed = await changeStatuses(parts, copies, act);
    const changed = { id: licence.id, state: stateAfter(licence, act), committed };
    const told = parts.outbox.put(traceOf(act, licence, committed));
    await parts.store.write([
      ...recordsAfter(licence, copies, act),
      ...(await livingAfter(parts, licence, act)),
      storeHistory(act, parts.clock(), committed),
      deletePendingAct(licence.id),
      ...(remember?.({ status: 200, body: changed }) ?? []),
      ...told,
    ]);
    parts.outbox.handOver(told);
    return changed;
  };
  const hold = <T>(licence: string, task: () => Promise<T>): Promise<T> =>
    parts.locks.hold(`licence/${licence}`, async () => {
      const half = await loadPendingAct(parts.store, licence);
      if (half !== undefined) await complete(half);
      return task();
    });
  const decide = async (act: PendingAct, remember?: Remember): Promise<Changed> => {
    const licence = await parts.archive.licence(act.licence);
    if (act.state !== 'revoked') await settleCopies(parts, licence, act);
    await parts.store.write([storePendingAct(act)]);
    try {
      return await complete(act, remember);
    } catch (cause) {
      // Refused for certain: it did not happen. Otherwise the note stays and the act will be completed.
      const isBegun = isUncertain(cause) || (await hasGivenUp(parts, act));
      if (!isBegun) await parts.store.write([deletePendingAct(act.licence)]);
      throw cause;
    }
  };
  return {
    whileHeld: hold,
    change: ({ id, act, actor, remember }) =>
      hold(id, async () => {
        const licence = await parts.archive.licence(id);
        requireTransition(licence, await copyOfAct(parts, licence, act), act);
        const noted: PendingAct = {
          ...act,
          licence: id,
          salt: parts.random(16),
          actor,
        };
        return decide(noted, remember);
      }),
    supersede: (old, successor) =>
      hold(old, async () => {
        const licence = await parts.archive.licence(old);
        if (licence.state === 'revoked' || licence.state === 'superseded') {
          await parts.store.write([{ key: successionKey(successor) }]);
          return;
        }
        await decide({
          licence: old,
          state: 'revoked',
          class: 'superseded',
          reason: 'superseded',
          basis: successor,
          salt: parts.random(16),
          successor,
          actor: 'gateway',
        });
      }),
  };
}

/** Copies that a revocation has given up do not come back: it must be completed. */
async function hasGivenUp(parts: StatusDeskParts, act: PendingAct): Promise<boolean> {
  if (act.state !== 'revoked') return false;
  const copies = await parts.archive.copies(act.licence);
  return copies.some(
    ({ id, step }) => step === 'abandoned' && (act.copy === undefined || act.copy === id),
  );
}

/** Copies without a place: given up when the licence ends, waited for otherwise. @throws ANCHOR_WAIT */
async function settleCopies(
  parts: StatusDeskParts,
  licence: LicenceRecord,
  act: PendingAct,
): Promise<void> {
  const concerned = (await parts.archive.copies(licence.id)).filter(
    (copy) => act.copy === undefined || copy.id === act.copy,
  );
  if (act.state === 'revoked') await abandon(parts, concerned);
  for (const copy of await parts.archive.copies(licence.id)) {
    if (!concerned.some(({ id }) => id === copy.id) || copy.step === 'abandoned') continue;
    await parts.anchoring.settled(copy, ANCHOR_WITHIN);
  }
}

/** Makes void, under its lane's lock, each copy that is in no batch yet: it is never anchored then. */
async function abandon(parts: StatusDeskParts, concerned: readonly CopyRecord[]): Promise<void> {
  for (const copy of concerned.filter(({ step }) => step === 'signed')) {
    const lane = { uscc: copy.uscc, epoch: copy.place.epoch };
    await parts.locks.hold(laneLock(lane), async () => {
      const batch = await loadBatchOf(parts.store, lane, copy.place.index);
      if (batch !== undefined) return;
      const leaf = await parts.leaves.replace(lane, [voidLeafOf(copy)]);
      await parts.store.write([storeCopy({ ...copy, abandoned: true }), ...leaf]);
    });
  }
}

/** The anchored copies an act is about; reinstating skips those that have a state of their own. */
async function targets(parts: StatusDeskParts, act: PendingAct): Promise<readonly CopyRecord[]> {
  const copies = await parts.archive.copies(act.licence);
  return copies.filter(({ id, step, own }) => {
    if (step !== 'anchored') return false;
    if (act.copy !== undefined) return id === act.copy;
    return act.state !== 'valid' || own === 'valid';
  });
}

async function copyOfAct(
  parts: StatusDeskParts,
  licence: LicenceRecord,
  act: StatusAct,
): Promise<CopyRecord | undefined> {
  if (act.copy === undefined) return undefined;
  const copy = await parts.archive.copy(licence.id, act.copy);
  if (copy === undefined) throw gatewayError('COPY_UNKNOWN', 'the licence has no such copy');
  return copy;
}

function requireTransition(
  licence: LicenceRecord,
  copy: CopyRecord | undefined,
  act: StatusAct,
): void {
  const refuse = (words: string): never => {
    throw new CodedError('STATUS_TRANSITION', words);
  };
  const { state } = licence;
  if (state === 'superseded' || state === 'revoked') return refuse('the licence has ended');
  if ((act.state === 'valid') !== (act.class === 'reinstated')) {
    return refuse('class reinstated goes with valid, and with nothing else');
  }
  if (copy === undefined) {
    if (!mayFollow(state, act.state)) refuse(`${state} does not become ${act.state}`);
    return;
  }
  if (copy.step === 'abandoned' || !mayFollow(copy.own, act.state)) {
    refuse(`the copy is ${copy.own}`);
  }
  if (act.state === 'valid' && state !== 'valid') refuse('the licence itself is suspended');
}

function stateAfter(licence: LicenceRecord, act: PendingAct): LicenceRecord['state'] {
  if (act.copy !== undefined) return licence.state;
  return act.successor === undefined ? act.state : 'superseded';
}

function recordsAfter(
  licence: LicenceRecord,
  copies: readonly CopyRecord[],
  act: PendingAct,
): TableChange[] {
  if (act.copy !== undefined) {
    return copies.map((copy) => storeCopy({ ...copy, own: act.state }));
  }
  return [storeLicence({ ...licence, state: stateAfter(licence, act) })];
}

/** Whose turn it is for the subject once a licence has ended. */
async function livingAfter(
  parts: StatusDeskParts,
  licence: LicenceRecord,
  act: PendingAct,
): Promise<TableChange[]> {
  if (act.successor !== undefined) return [{ key: successionKey(act.successor) }];
  if (act.copy !== undefined || act.state !== 'revoked') return [];
  const living = await parts.archive.living(licence.subject);
  const changes =
    living?.licence === licence.id ? [parts.archive.setLiving(licence.subject, undefined)] : [];
  return [...changes, ...(await backToPredecessor(parts, licence))];
}

/** A new version revoked before it was ever anchored never took the old one's place. */
async function backToPredecessor(
  parts: StatusDeskParts,
  licence: LicenceRecord,
): Promise<TableChange[]> {
  if (licence.supersedes === undefined) return [];
  const copies = await parts.archive.copies(licence.id);
  if (copies.some(({ step }) => step !== 'abandoned')) return [];
  const { supersededBy, ...old } = await parts.archive.licence(licence.supersedes);
  if (supersededBy !== licence.id) return [];
  return [
    storeLicence(old),
    parts.archive.setLiving(old.subject, { licence: old.id, job: null }),
    { key: successionKey(licence.id) },
  ];
}

function traceOf(act: PendingAct, licence: LicenceRecord, committed: StatusCommitted) {
  return {
    kind: 'status' as const,
    purpose: 'supervision' as const,
    actor: act.actor,
    subject: licence.id,
    outcome: 'done',
    detail: {
      state: act.state,
      class: act.class,
      type: licence.type,
      ...(act.copy === undefined ? {} : { kind: 'copy' }),
      ...(committed ?? {}),
    },
  };
}

function isUncertain(cause: unknown): boolean {
  return isCodedError(cause, 'COMMIT_UNKNOWN') || !(cause instanceof CodedError);
}
