// SPDX-License-Identifier: Apache-2.0
// What the ledger says of this very index: anchored under this key and type, and its status.
import { anchorArgument, anchorDueAt, verifyInclusion } from '../anchor.ts';
import { equals } from '../bytes.ts';
import type { EvidenceBatch, EvidenceStatus } from '../records/epoch-evidence.ts';
import { found } from './check.ts';
import type { Check, Subject } from './check.ts';
import type { CheckResult } from '../report.ts';

/** The copy is in an anchored batch of its key and type; with an inclusion proof, it is exactly this copy. */
export const checkAnchor: Check = (subject) => {
  const { wire, type, facts } = subject;
  if (facts.epoch === undefined) return found('anchor', 'unknown', 'NO_EVIDENCE');
  const { evidence } = facts.epoch;
  const batch = evidence.batches.find(
    (b) => wire.index >= b.first && wire.index < b.first + b.count,
  );
  if (batch === undefined) return checkPending(subject);
  if (!equals(batch.kid, wire.kid) || batch.type !== type.code) {
    return found('anchor', 'fail', 'ANCHOR_MISMATCH');
  }
  return checkInclusion(subject, batch);
};

/** The status written for this index; none written means valid. */
export const checkStatus: Check = ({ wire, facts }) => {
  if (facts.epoch === undefined) return found('status', 'unknown', 'NO_EVIDENCE');
  const status = statusAt(facts.epoch.evidence.statuses, wire.index);
  if (status?.state === 'revoked') {
    return found('status', 'fail', status.class === 'superseded' ? 'SUPERSEDED' : 'REVOKED');
  }
  return status?.state === 'suspended'
    ? found('status', 'fail', 'SUSPENDED')
    : found('status', 'pass', 'OK');
};

const byIndex = new WeakMap<readonly EvidenceStatus[], ReadonlyMap<number, EvidenceStatus>>();

/** The first status of an index; sorted out once a list, since an epoch can hold thousands. */
function statusAt(statuses: readonly EvidenceStatus[], index: number): EvidenceStatus | undefined {
  let known = byIndex.get(statuses);
  if (known === undefined) {
    known = new Map([...statuses].reverse().map((status) => [status.index, status]));
    byIndex.set(statuses, known);
  }
  return known.get(index);
}

/**
 * Newer than the evidence: pending at best, and only on line, where the act and the type allow it, under a key that is not
 * burned, and not for long.
 */
function checkPending({ actPolicy, facts, key, type, wire }: Subject): CheckResult {
  const allowed = type.pendingRelease && actPolicy?.leastAnchor === 'pending';
  if (!allowed || facts.epoch?.current !== true || key?.burned !== undefined) {
    return found('anchor', 'unknown', 'ANCHOR_NOT_COVERED');
  }
  const dueAt = anchorDueAt(wire.firstDay);
  return facts.epoch.evidence.at < dueAt
    ? { ...found('anchor', 'pass', 'ANCHOR_PENDING'), dueAt }
    : found('anchor', 'unknown', 'ANCHOR_OVERDUE');
}

function checkInclusion(subject: Subject, batch: EvidenceBatch): CheckResult {
  const { facts, wire, opened } = subject;
  if (facts.inclusion === undefined) return checkCovered(subject);
  const position = wire.index - batch.first;
  const { count, root } = batch;
  if (!verifyInclusion(facts.inclusion, { position, count, root })) {
    return found('anchor', 'unknown', 'ANCHOR_PROOF_BAD'); // a bad path proves nothing
  }
  return equals(facts.inclusion.argument, anchorArgument(opened.cose))
    ? found('anchor', 'pass', 'ANCHOR_PROVEN')
    : found('anchor', 'fail', 'ANCHOR_OTHER'); // another copy has this index: this one never was
}

/** Off line, where the act allows it: the index is anchored under this key. On line the proof is to be had, so its lack is a fault. */
function checkCovered({ facts, actPolicy, key }: Subject): CheckResult {
  const allowed = actPolicy !== undefined && actPolicy.leastAnchor !== 'proven';
  return allowed && facts.epoch?.current === false && key?.burned === undefined
    ? found('anchor', 'pass', 'ANCHOR_COVERED')
    : found('anchor', 'unknown', 'ANCHOR_UNPROVEN');
}
