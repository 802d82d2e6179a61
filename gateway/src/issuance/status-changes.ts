// SPDX-License-Identifier: Apache-2.0
// Signs status changes on what the ledger says now, and submits them. What is already as wanted is left out, so the
// same act can be done again after a kill or an unknown outcome.
import { setTimeout as pause } from 'node:timers/promises';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { StatusChange } from '@zhenglian/core/records/province-request';
import { commitment, emptyChain, statusPayload } from '@zhenglian/core/records/status';
import type { StatusClass, StatusState } from '@zhenglian/core/records/status';
import type { Clock } from '../context.ts';
import type { ProvinceLedger } from '../province-ledger.ts';
import type { Replica } from '../replica/replica.ts';
import { signOne } from '../signer.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Table } from '../store/table.ts';
import { loadBatchOf } from './batch-record.ts';
import type { CopyRecord } from './copy-record.ts';

/** A decision and the salt that hides its reason on the ledger. */
export interface StatusDecision {
  readonly state: StatusState;
  readonly class: StatusClass;
  readonly reason: string;
  readonly basis: string;
  readonly salt: Uint8Array;
}

export interface StatusParts {
  readonly store: Table;
  readonly ledger: ProvinceLedger;
  readonly replica: Pick<Replica, 'waitForBlock' | 'statusOf'>;
  /** Makes the authority's signer usable, or a new one. @throws the ledger's codes */
  readonly signer: (uscc: string) => Promise<AuthoritySigner>;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
}

const NEXT: Readonly<Record<StatusState, readonly StatusState[]>> = {
  valid: ['suspended', 'revoked'],
  suspended: ['valid', 'revoked'],
  revoked: [],
};
/** An index that has no record yet. */
const NO_STATUS = { state: 'valid' as const, time: 0, seq: 0, chain: emptyChain() };
const TRIES = 6;
/** How long the replica may take to show what the own peer says is done: other organisations' peers confirm it first. */
const SHOWN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;
/** The last two: another organisation's peer may not have applied the block before yet. */
const RETRIED = [
  'MVCC_CONFLICT',
  'PHANTOM_CONFLICT',
  'STATUS_ORDER',
  'TIME_BACKWARDS',
  'ENDORSEMENT_MISMATCH',
  'COMMIT_UNKNOWN',
  'COMMIT_INVALID',
  'INDEX_NOT_ANCHORED',
  'NOT_FOUND',
] as const;

/** Tells whether one state may follow another. */
export function mayFollow(from: StatusState, to: StatusState): boolean {
  return NEXT[from].includes(to);
}

/**
 * Changes the status of anchored copies; null when none needed it. Done is what the replica shows, not what the own peer says.
 * @throws the ledger's codes; COMMIT_UNKNOWN once any try ended so, whatever the tries after it met, or when the replica does not
 * show the change in time
 */
export async function changeStatuses(
  parts: StatusParts,
  copies: readonly CopyRecord[],
  decision: StatusDecision,
): Promise<{ readonly transactionId: string; readonly blockNumber: number } | null> {
  const committed = await submitChanges(parts, copies, decision);
  await requireShown(parts, copies, decision, committed?.blockNumber);
  return committed;
}

async function submitChanges(
  parts: StatusParts,
  copies: readonly CopyRecord[],
  decision: StatusDecision,
): Promise<{ readonly transactionId: string; readonly blockNumber: number } | null> {
  let unknown: unknown;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const changes = await changesFor(parts, copies, decision);
      if (changes.length === 0) return null;
      const { transactionId, blockNumber } = await parts.ledger.setStatuses(changes);
      return { transactionId, blockNumber };
    } catch (cause) {
      if (isCodedError(cause, 'COMMIT_UNKNOWN')) unknown = cause;
      const isHopeless = !RETRIED.some((code) => isCodedError(cause, code));
      if (attempt === TRIES || isHopeless) throw unknown ?? cause;
      await pause(100 * attempt);
    }
  }
}

/** Waits until no copy could take the decision any more. @throws COMMIT_UNKNOWN */
async function requireShown(
  { replica }: StatusParts,
  copies: readonly CopyRecord[],
  decision: StatusDecision,
  blockNumber = 0,
): Promise<void> {
  const late = AbortSignal.timeout(SHOWN_WITHIN_MS);
  await replica.waitForBlock(blockNumber, late).catch(() => undefined);
  for (const { uscc, place } of copies) {
    for (;;) {
      const { state } = await replica.statusOf(uscc, place.epoch, place.index);
      if (!mayFollow(state, decision.state)) break;
      if (late.aborted) {
        const words = 'the change was sent, and no confirmed block shows it yet: ask again later';
        throw new CodedError('COMMIT_UNKNOWN', words);
      }
      await pause(LOOK_EVERY_MS);
    }
  }
}

async function changesFor(
  parts: StatusParts,
  copies: readonly CopyRecord[],
  decision: StatusDecision,
): Promise<StatusChange[]> {
  const changes: StatusChange[] = [];
  for (const copy of copies) {
    const signer = await parts.signer(copy.uscc);
    const change = await changeFor(parts, copy, decision, signer);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

async function changeFor(
  parts: StatusParts,
  { place, uscc }: CopyRecord,
  decision: StatusDecision,
  signer: AuthoritySigner,
): Promise<StatusChange | undefined> {
  const { epoch, index } = place;
  const previous = (await parts.ledger.status(uscc, epoch, index)) ?? NO_STATUS;
  if (!mayFollow(previous.state, decision.state)) return undefined;
  const content = {
    uscc,
    epoch,
    index,
    state: decision.state,
    class: decision.class,
    commitment: commitment(decision.salt, decision.reason, decision.basis),
    time: Math.max(parts.clock(), previous.time),
    seq: previous.seq + 1,
  };
  const payload = statusPayload(content, previous.chain);
  const { networkId } = parts;
  const signature = await signOne(signer, { purpose: 'status', networkId, payload });
  const batch = await loadBatchOf(parts.store, { uscc, epoch }, index);
  if (batch === undefined) throw new TypeError('unreachable: an anchored copy is in a batch');
  return { ...content, n: batch.n, kid: signer.kid, signature };
}
