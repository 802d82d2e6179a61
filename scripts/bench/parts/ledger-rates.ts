// SPDX-License-Identifier: Apache-2.0
// What a ledger does a second beside anchoring: questions, co-signed answers, single transactions, a replica that catches up; and its stall when a leader dies.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@zhenglian/core/bytes';
import { recordKey } from '@zhenglian/core/records/record-key';
import { createLog } from '@zhenglian/gateway/log';
import { openReplica } from '@zhenglian/gateway/replica/open-replica';
import { openDatabase } from '@zhenglian/gateway/store/database';
import { killProcess } from '@zhenglian/network/fabric/processes';
import { findLeader } from '@zhenglian/network/fabric/status';
import type { Ledger } from '@zhenglian/network/ledger';
import { anchorEpochs, call, CHAINCODE, revocation, submitUntilIn } from './anchor-load.ts';
import type { AnchorDesk, PreparedEpoch } from './anchor-load.ts';
import type { LedgerEngine } from './ledger-engines.ts';

/** Times of one work done again and again by several at once, for so long: how often a second, and each one's milliseconds. */
export async function manyAtOnce(
  work: (n: number) => Promise<unknown>,
  { at, seconds }: { readonly at: number; readonly seconds: number },
): Promise<{ readonly rate: number; readonly took: readonly number[] }> {
  const took: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let next = 0;
  const one = async () => {
    while (performance.now() < end) {
      const begun = performance.now();
      await work(next++);
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: at }, one));
  return { rate: (took.length * 1000) / (performance.now() - started), took };
}

/** Milliseconds of each of `count` revocations, one after the other. */
export async function timeRevocations(
  desk: AnchorDesk,
  epoch: PreparedEpoch,
  count: number,
): Promise<number[]> {
  const took: number[] = [];
  for (let index = 0; index < count; index++) {
    const each = revocation(desk, epoch, index);
    const started = performance.now();
    await submitUntilIn(desk.ledger, each);
    took.push(performance.now() - started);
  }
  return took;
}

/** Questions to the own peer: one batch's record. */
export function askRecord(desk: AnchorDesk, { epoch }: PreparedEpoch): Promise<Uint8Array> {
  const key = recordKey.batch(desk.uscc, epoch, 0);
  return desk.ledger.evaluate(call(CHAINCODE, 'Record', { key }));
}

/** Bytes of a batch's record in the state, key and value. */
export async function recordBytes(desk: AnchorDesk, epoch: PreparedEpoch): Promise<number> {
  const { length } = await askRecord(desk, epoch);
  return length + utf8(recordKey.batch(desk.uscc, epoch.epoch, 0)).length;
}

/** An epoch's evidence, signed by every organisation. */
export function askCosigned(desk: AnchorDesk, { epoch }: PreparedEpoch): Promise<unknown> {
  const question = call(CHAINCODE, 'EpochEvidence', { uscc: desk.uscc, epoch });
  return desk.ledger.evaluateCosigned(question);
}

/** One licence a transaction, as tutorials do it. */
export function issueOne(ledger: Ledger, n: number): Promise<void> {
  const licence = {
    number: `440100${String(n).padStart(12, '0')}`,
    type: 'driving',
    state: 'valid',
  };
  const text = JSON.stringify({ ...licence, root: 'ab'.repeat(32) });
  return submitUntilIn(ledger, { chaincode: CHAINCODE, name: 'Issue', request: utf8(text) });
}

/** A gateway's replica from the first block on, on disk: seconds until it is level. */
export async function catchUp({ ledger, networkId }: AnchorDesk): Promise<{
  readonly seconds: number;
  readonly blocks: number;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-bench-replica-'));
  const database = await openDatabase(join(folder, 'store'));
  try {
    const blocks = await ledger.height();
    const started = performance.now();
    const clock = () => Math.floor(Date.now() / 1000);
    const log = createLog('silent');
    const db = database.table('replica');
    const replica = await openReplica({ db, ledger, networkId, log, clock });
    try {
      await replica.waitForBlock(blocks - 1);
      return { seconds: (performance.now() - started) / 1000, blocks };
    } finally {
      await replica.close();
    }
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The longest time that a batch waited while the leading orderer was killed; it is started again afterwards. */
export async function stallOfLeader(
  { fabric }: LedgerEngine,
  desk: AnchorDesk,
  epochs: readonly PreparedEpoch[],
): Promise<number> {
  if (!fabric) throw new Error('no orderers');
  const [warm, ...rest] = epochs;
  if (!warm) throw new Error('nothing to anchor');
  await anchorEpochs(desk, [warm], 1);
  const leader = await findLeader(fabric.layout);
  const load = anchorEpochs(desk, rest, 1);
  await killProcess(fabric.layout, `orderer-${leader ?? ''}`);
  const commits = await load;
  await fabric.up();
  return Math.max(...commits.map(({ took }) => took));
}
