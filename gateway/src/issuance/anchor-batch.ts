// SPDX-License-Identifier: Apache-2.0
// Gives the queued copies of one authority their place on the ledger, one batch at a time:
//   1. prepare: copies signed, indexes taken, queue emptied of them, batch stored: one batch of the store;
//   2. submit the stored batch; when its outcome is unknown, ask the ledger whether batch n is there;
//   3. release: copies are anchored, the lease moves on: one batch of the store.
// A kill before 1 leaves the queue as it was, between 1 and 3 the same batch n is asked for and submitted again.
import { setTimeout as pause } from 'node:timers/promises';
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import { equals, toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import type { Locks } from '../locks.ts';
import type { Log } from '../log.ts';
import { gatewayError } from '../problem-codes.ts';
import type { ProvinceLedger } from '../province-ledger.ts';
import type { Replica } from '../replica/replica.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Table } from '../store/table.ts';
import type { TraceOutbox } from '../trace-outbox.ts';
import { countAnchored } from './import-count.ts';
import type { CopyRecord } from './copy-record.ts';
import { storeCopy } from './copy-record.ts';
import { prepareLease, loadLease, storeLease } from './lease.ts';
import type { Lease } from './lease.ts';
import { mintAll } from './mint.ts';
import type { MintParts } from './mint.ts';
import { batchKey, batchRequest, decodeBatch, signBatch, storeBatch } from './prepared-batch.ts';
import type { PreparedBatch } from './prepared-batch.ts';
import type { Queue } from './queue.ts';

/** What anchoring a batch needs. */
export interface BatchParts extends MintParts {
  readonly store: Table;
  readonly ledger: ProvinceLedger;
  readonly queue: Queue;
  readonly locks: Locks;
  readonly replica: Pick<Replica, 'waitForBlock'>;
  readonly outbox: TraceOutbox;
  readonly instance: string;
  readonly log: Log;
  /** Most copies of a batch, and how long the first of them waits for others. */
  readonly batchSize: number;
  readonly batchMilliseconds: number;
  /** Makes the authority's signer usable, or a new one. @throws the ledger's codes */
  readonly signer: (uscc: string) => Promise<AuthoritySigner>;
}

const LEVEL_WITHIN = 5000;
/** Refusals that a new key cures: the same indexes are signed again with it. */
const NEEDS_NEW_KEY = ['KEY_BURNED', 'KEY_WINDOW'] as const;

/** Anchors one batch of an authority, from wherever it stands. Gives its licences, or undefined when there was nothing to do. @throws the ledger's codes: try again */
export async function anchorBatch(
  parts: BatchParts,
  uscc: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const signer = await parts.signer(uscc);
  const batch =
    (await pendingBatch(parts, uscc)) ??
    (await nextBatch(parts, signer, await prepareLease(parts, uscc), signal));
  if (batch === undefined) return undefined;
  await anchor(parts, batch, signer);
  return batch.copies.flatMap((copy) => copy?.[0] ?? []);
}

/** Runs a task while nothing of an authority gets a place. */
export function whileNothingIsPlaced<T>(
  { locks }: Pick<BatchParts, 'locks'>,
  uscc: string,
  task: () => Promise<T>,
): Promise<T> {
  return locks.hold(`placing/${uscc}`, task);
}

async function pendingBatch(parts: BatchParts, uscc: string): Promise<PreparedBatch | undefined> {
  const lease = await loadLease(parts.store, uscc);
  if (lease === undefined) return undefined;
  const stored = await parts.store.get(batchKey(uscc, lease.epoch, lease.n));
  return stored === undefined ? undefined : decodeBatch(stored);
}

async function nextBatch(
  parts: BatchParts,
  signer: AuthoritySigner,
  lease: Lease,
  signal: AbortSignal,
): Promise<PreparedBatch | undefined> {
  const limit = Math.min(parts.batchSize, EPOCH_SIZE - lease.next);
  const first = await parts.queue.head(signer.uscc, limit);
  if (first.length === 0) return undefined;
  if (first.length < limit) {
    await pause(parts.batchMilliseconds, undefined, { signal }).catch(() => undefined);
  }
  return whileNothingIsPlaced(parts, signer.uscc, () => prepare(parts, signer, lease, limit));
}

/** Step 1. Under the lock of placing: a revocation either finds the copy queued, or placed. */
async function prepare(
  parts: BatchParts,
  signer: AuthoritySigner,
  lease: Lease,
  limit: number,
): Promise<PreparedBatch | undefined> {
  const queued = await parts.queue.head(signer.uscc, limit);
  const type = queued[0]?.type;
  if (type === undefined) return undefined;
  const orders: CopyRecord[] = [];
  for (const { licence, copy } of queued) {
    const order = await parts.archive.copy(licence, copy);
    if (order?.step === 'queued') orders.push(order);
  }
  const place = { epoch: lease.epoch, n: lease.n, first: lease.next };
  const minted = await mintAll(parts, orders, place, signer);
  const batch = await sign(parts, minted, place, type, signer);
  await parts.store.write([
    ...placed(parts, minted.copies),
    storeBatch(batch),
    storeLease(signer.uscc, { ...lease, next: lease.next + batch.count }),
    ...queued.map(({ key }) => ({ key })),
  ]);
  return batch;
}

/** Step 2, until it is done. */
async function anchor(
  parts: BatchParts,
  batch: PreparedBatch,
  signer: AuthoritySigner,
): Promise<void> {
  const current = equals(batch.kid, signer.kid) ? batch : await signAgain(parts, batch, signer);
  const { ledger } = parts;
  const submitted = await ledger
    .submitBatch(batchRequest(current), current.arguments)
    .catch((cause: unknown) => afterRefusal(parts, current, cause));
  await release(parts, current, submitted);
}

interface Submitted {
  readonly blockNumber: number;
  readonly transactionId?: string;
}

/** A refusal may hide a success: the record tells. */
async function afterRefusal(
  parts: BatchParts,
  batch: PreparedBatch,
  cause: unknown,
): Promise<Submitted> {
  const { uscc, epoch, n } = batch;
  if (NEEDS_NEW_KEY.some((code) => isCodedError(cause, code))) throw cause;
  const there = await parts.ledger.batch(uscc, epoch, n);
  if (there === undefined) throw cause;
  if (!equals(there.root, batch.root)) {
    throw gatewayError('STORE_CORRUPT', 'the ledger has another batch of this number', { cause });
  }
  return { blockNumber: (await parts.ledger.height()) - 1 };
}

/** A key burned or run out before its batch was anchored: nothing was released, so all is signed anew. */
async function signAgain(
  parts: BatchParts,
  batch: PreparedBatch,
  signer: AuthoritySigner,
): Promise<PreparedBatch> {
  const { uscc, epoch, n, first, type } = batch;
  const there = await parts.ledger.batch(uscc, epoch, n);
  if (there !== undefined) return batch;
  return whileNothingIsPlaced(parts, uscc, async () => {
    const orders = await copiesOf(parts, batch);
    const minted = await mintAll(parts, orders, { epoch, n, first }, signer);
    const again = await sign(parts, minted, { epoch, n, first }, type, signer);
    await parts.store.write([...placed(parts, minted.copies), storeBatch(again)]);
    return again;
  });
}

/** Step 3. What is waiting goes on when our own replica has the block too. */
async function release(
  parts: BatchParts,
  batch: PreparedBatch,
  { blockNumber, transactionId }: Submitted,
): Promise<void> {
  const { uscc, epoch, n } = batch;
  const level = parts.replica.waitForBlock(blockNumber).catch(() => undefined);
  await Promise.race([level, pause(LEVEL_WITHIN, undefined, { ref: false })]);
  const copies = await copiesOf(parts, batch);
  const lease = await loadLease(parts.store, uscc);
  await parts.store.write([
    ...copies.flatMap((copy) => (copy === null ? [] : [storeCopy({ ...copy, step: 'anchored' })])),
    ...countAnchored(copies, `${uscc}-${String(epoch)}-${String(n)}`),
    storeBatch({ ...batch, step: 'anchored' }),
    ...(lease === undefined ? [] : [storeLease(uscc, { ...lease, n: n + 1 })]),
    ...parts.outbox.put({
      kind: 'anchor',
      actor: 'gateway',
      subject: null,
      outcome: 'done',
      detail: {
        type: batch.type,
        epoch,
        n,
        count: batch.count,
        kid: toHex(batch.kid),
        ...(transactionId === undefined ? {} : { transactionId, blockNumber }),
      },
    }),
  ]);
  await parts.outbox.drain();
  parts.log.info('batch anchored', { authority: uscc, epoch, n, count: batch.count, blockNumber });
}

async function copiesOf(
  parts: BatchParts,
  batch: PreparedBatch,
): Promise<readonly (CopyRecord | null)[]> {
  const copies: (CopyRecord | null)[] = [];
  for (const pair of batch.copies) {
    const [licence, copy] = pair ?? [];
    const found =
      licence === undefined || copy === undefined
        ? undefined
        : await parts.archive.copy(licence, copy);
    copies.push(found ?? null);
  }
  return copies;
}

function sign(
  parts: BatchParts,
  minted: Awaited<ReturnType<typeof mintAll>>,
  place: { readonly epoch: number; readonly n: number; readonly first: number },
  type: string,
  signer: AuthoritySigner,
): Promise<PreparedBatch> {
  const copies = minted.copies.map((copy) => (copy === null ? null : [copy.licence, copy.id]));
  return signBatch(place, { type, copies, arguments: minted.arguments }, signer, parts.networkId);
}

function placed(parts: BatchParts, copies: readonly (CopyRecord | null)[]) {
  return copies.flatMap((copy) =>
    copy === null ? [] : [storeCopy(copy), ...parts.archive.setPlace(copy)],
  );
}
