// SPDX-License-Identifier: Apache-2.0
// Anchors what waits in one lane, a batch at a time:
//   1. prepare: the next batch over the leaves that wait, signed and stored;
//   2. submit it; when its outcome is unknown, ask the ledger whether batch n is there;
//   3. release, once our own replica shows the batch: the lane is anchored so far: a few rows, however many copies.
// A kill before 1 leaves the leaves as they were, between 1 and 3 the same batch n is asked for and submitted again.
import { setTimeout as pause } from 'node:timers/promises';
import { equals, toHex } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import type { FaultPoint } from '../fault-points.ts';
import type { Locks } from '../locks.ts';
import type { Log } from '../log.ts';
import type { IssuingWatch } from '../observing/issuing-watch.ts';
import { gatewayError } from '../problem-codes.ts';
import type { ProvinceLedger } from '../province-ledger.ts';
import type { Replica } from '../replica/replica.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Table } from '../store/table.ts';
import type { TraceAct } from '../trace/trace.ts';
import type { TraceOutbox } from '../trace-outbox.ts';
import { batchRequest, loadBatch, signBatch, storeBatch } from './batch-record.ts';
import type { BatchRecord } from './batch-record.ts';
import { forgetFormer, restoreFormer } from './former-batch.ts';
import { addCounts, countLeaves } from './import-count.ts';
import { laneLock, loadAnchoring, storeAnchoring } from './lane.ts';
import type { LaneAnchoring } from './lane.ts';
import type { Lane, Lanes } from './lanes.ts';
import { argumentsOf } from './leaf.ts';
import type { LeafRun } from './leaf.ts';
import { signAnew } from './sign-anew.ts';
import type { SignAnewParts } from './sign-anew.ts';

/** What anchoring a batch needs. */
export interface BatchParts extends SignAnewParts {
  readonly store: Table;
  readonly ledger: ProvinceLedger;
  readonly lanes: Lanes;
  readonly locks: Locks;
  readonly replica: Pick<Replica, 'waitForBlock' | 'batch'>;
  readonly outbox: TraceOutbox;
  readonly log: Log;
  readonly fault: FaultPoint;
  readonly watch: IssuingWatch;
  /** Most copies of a batch, and how long the first of them waits for others. */
  readonly batchSize: number;
  readonly batchMilliseconds: number;
  /** Makes the authority's signer usable, or a new one. @throws the ledger's codes */
  readonly signer: (uscc: string) => Promise<AuthoritySigner>;
  /** The signer of an earlier key that may still sign. */
  readonly forKid: (kid: Uint8Array) => Promise<AuthoritySigner | undefined>;
  /** Tells whether a key was burned or its window is over. */
  readonly isOver: (kid: Uint8Array) => boolean;
}

/** Anchors one batch of a lane, from wherever it stands; false when nothing waits. @throws the ledger's codes: try again */
export async function anchorBatch(
  parts: BatchParts,
  lane: Lane,
  signal: AbortSignal,
): Promise<boolean> {
  const signer = await parts.signer(lane.uscc);
  const batch =
    (await loadBatch(parts.store, lane, lane.anchored)) ??
    (await prepareNext(parts, lane, signer, signal));
  if (batch === undefined) return false;
  const isOver = parts.isOver(batch.kid);
  const there = isOver ? await findOnLedger(parts, lane, batch) : undefined;
  if (there !== undefined) {
    await release(parts, there, signal);
    return true;
  }
  const current = isOver ? await prepareAnew(parts, lane, batch, signer) : batch;
  const leaves = await parts.leaves.load(lane, current.first, current.count);
  const submitted = await parts.ledger
    .submitBatch(batchRequest(current), leaves.flatMap(argumentsOf))
    .then((committed) => ({ ...committed, batch: current }))
    .catch((cause: unknown) => afterRefusal(parts, lane, current, cause));
  parts.fault('submitted');
  await release(parts, submitted, signal);
  return true;
}

async function prepareNext(
  parts: BatchParts,
  lane: Lane,
  signer: AuthoritySigner,
  signal: AbortSignal,
): Promise<BatchRecord | undefined> {
  if (lane.next === lane.anchored) return undefined;
  if (lane.next - lane.anchored < parts.batchSize) {
    await pause(parts.batchMilliseconds, undefined, { signal }).catch(() => undefined);
  }
  // Under the lane's lock: a revocation finds a copy either in no batch, and makes its index void, or in one.
  return parts.locks.hold(laneLock(lane), async () => {
    const made = await loadBatch(parts.store, lane, lane.anchored);
    if (made !== undefined) return made;
    const leaves = await parts.leaves.load(lane, lane.anchored, parts.batchSize);
    const run = await runOfOneKey(parts, lane, leaves, signer);
    return prepare(parts, lane, run.leaves, run.signer);
  });
}

/** A batch has one key: that of the first leaf, while it may still sign; otherwise all are signed anew. */
async function runOfOneKey(
  parts: BatchParts,
  lane: Lane,
  leaves: readonly LeafRun[],
  signer: AuthoritySigner,
): Promise<{ readonly leaves: readonly LeafRun[]; readonly signer: AuthoritySigner }> {
  const kid = leaves[0]?.kid ?? signer.kid;
  const own = parts.isOver(kid) ? undefined : await parts.forKid(kid);
  if (own === undefined) return { leaves: await signAnew(parts, lane, leaves, signer), signer };
  const other = leaves.findIndex((leaf) => !equals(leaf.kid, kid));
  return { leaves: other < 0 ? leaves : leaves.slice(0, other), signer: own };
}

async function prepare(
  parts: BatchParts,
  lane: Lane,
  leaves: readonly LeafRun[],
  signer: AuthoritySigner,
): Promise<BatchRecord> {
  const { epoch, n, anchored: first, type } = lane;
  const content = { epoch, n, first, type, imports: countLeaves(leaves) };
  const batch = await signBatch(content, leaves.flatMap(argumentsOf), signer, parts.networkId);
  parts.fault('batch-signed');
  await parts.store.write([storeBatch(batch)]);
  parts.fault('batch-stored');
  return batch;
}

/** A key burned or run out before its batch was anchored: all of it is signed anew, and what was signed before is kept. */
async function prepareAnew(
  parts: BatchParts,
  lane: Lane,
  batch: BatchRecord,
  signer: AuthoritySigner,
): Promise<BatchRecord> {
  return parts.locks.hold(laneLock(lane), async () => {
    const leaves = await parts.leaves.load(lane, batch.first, batch.count);
    return prepare(parts, lane, await signAnew(parts, lane, leaves, signer, batch), signer);
  });
}

interface Submitted {
  /** The one that is on the ledger. */
  readonly batch: BatchRecord;
  readonly blockNumber: number;
  readonly transactionId?: string;
}

/** A refusal may hide a success: the record tells. */
async function afterRefusal(
  parts: BatchParts,
  lane: Lane,
  batch: BatchRecord,
  cause: unknown,
): Promise<Submitted> {
  const there = await findOnLedger(parts, lane, batch);
  if (there === undefined) throw cause;
  return there;
}

/** Where an earlier try of this batch, or the batch that it was signed anew from, got to. @throws STORE_CORRUPT when another one has its number */
async function findOnLedger(
  parts: BatchParts,
  lane: Lane,
  batch: BatchRecord,
): Promise<Submitted | undefined> {
  const { ledger } = parts;
  const there = await ledger.batch(batch.uscc, batch.epoch, batch.n);
  if (there === undefined) return undefined;
  const blockNumber = (await ledger.height()) - 1;
  if (equals(there.root, batch.root)) return { batch, blockNumber };
  return parts.locks.hold(laneLock(lane), async () => {
    const former = await restoreFormer(parts, batch, there.root);
    if (former === undefined) {
      throw gatewayError('STORE_CORRUPT', 'the ledger has another batch of this number');
    }
    await parts.store.write([...former.changes, storeBatch(former.batch)]);
    return { batch: former.batch, blockNumber };
  });
}

/** Step 3. A peer's word releases nothing: the replica checks the orderers' signatures and f + 1 organisations' flags. @throws LEDGER_UNAVAILABLE, COMMIT_INVALID: the batch is asked for again */
async function release(
  parts: BatchParts,
  submitted: Submitted,
  signal: AbortSignal,
): Promise<void> {
  const { batch, blockNumber, transactionId } = submitted;
  const { uscc, epoch, n, first, count, type } = batch;
  await parts.replica.waitForBlock(blockNumber, signal);
  const held = await parts.replica.batch(uscc, epoch, n);
  if (held === undefined || !equals(held.root, batch.root)) {
    const words = `batch ${String(n)} is not in block ${String(blockNumber)}, whatever a peer says`;
    throw new CodedError('COMMIT_INVALID', words);
  }
  const { anchoring, told } = await parts.locks.hold(laneLock(batch), () =>
    storeRelease(parts, submitted),
  );
  parts.fault('released');
  parts.lanes.moved(batch, anchoring);
  parts.leaves.anchored(batch, anchoring.anchored);
  parts.outbox.handOver(told);
  parts.watch.released(batch);
  const tx = transactionId === undefined ? {} : { transactionId };
  const facts = { authority: uscc, type, epoch, n, first, count, blockNumber, ...tx };
  parts.log.info('batch anchored', facts);
}

/** Once: the instance that adopted a lane and the one it was adopted from may both have seen its batch through. */
async function storeRelease(parts: BatchParts, { batch, ...committed }: Submitted) {
  const before = await loadAnchoring(parts.store, batch);
  const { n, first, count } = batch;
  if (before.anchored >= first + count) return { anchoring: before, told: [] };
  const anchoring: LaneAnchoring = { n: n + 1, anchored: first + count };
  const told = parts.outbox.put(actOf(batch, committed));
  await parts.store.write([
    storeAnchoring(batch, anchoring),
    storeBatch({ ...batch, step: 'anchored' }),
    ...(await addCounts(parts.store, batch)),
    ...(await forgetFormer(parts.store, batch)),
    ...told,
  ]);
  return { anchoring, told };
}

function actOf(
  { type, epoch, n, count, kid }: BatchRecord,
  { transactionId, blockNumber }: Omit<Submitted, 'batch'>,
): TraceAct {
  const place = transactionId === undefined ? {} : { transactionId, blockNumber };
  const detail = { type, epoch, n, count, kid: toHex(kid), ...place };
  return {
    kind: 'anchor',
    purpose: 'anchoring',
    actor: 'gateway',
    subject: null,
    outcome: 'done',
    detail,
  };
}
