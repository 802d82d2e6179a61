// SPDX-License-Identifier: Apache-2.0
// The replica under faults that a real ledger does not have; what it reads from a real one is in trails.test.ts.
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { anchorRoot, verifyInclusion } from '@zhenglian/core/anchor';
import { decodeCbor } from '@zhenglian/core/cbor';
import { claimedValue } from '@zhenglian/core/cosigned-answer';
import { networkIdOf } from '@zhenglian/core/records/founding';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { Replica } from '../../gateway/src/replica/replica.ts';
import { openReplica } from '../../gateway/src/replica/open-replica.ts';
import { memoryTable } from '../../gateway/src/replica/memory-table.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { EvidenceMaker } from '../support/evidence-maker.ts';
import { fakeLedger, SILENT, transaction } from './fake-ledger.ts';
import type { FakeLedger } from './fake-ledger.ts';
import { leaf, pushed, USCC } from './replica/pushed-blocks.ts';
import { eventually } from './support.ts';

describe('gateway: the replica', () => {
  let ledger: FakeLedger;
  let db: Table;
  let replica: Replica;
  let now = 1_800_000_100;

  const open = (networkId: Uint8Array = new Uint8Array(32)) =>
    openReplica({
      db,
      ledger,
      networkId,
      log: SILENT,
      clock: () => now,
      pollEvery: 10,
    });

  beforeEach(async () => {
    ledger = fakeLedger();
    db = memoryTable();
    replica = await open();
  });
  afterEach(() => replica.close());
  const reopen = async (networkId?: Uint8Array) => {
    await replica.close();
    return open(networkId);
  };

  const pushEpoch = () => pushed.epoch(ledger);
  const pushBatch = (n: number, first: number, leaves: readonly Uint8Array[], code = 0) =>
    pushed.batch(ledger, { n, first, leaves, code });
  const pushStatus = (index: number, state: string, seq: number) =>
    pushed.status(ledger, { index, state, seq });

  it('proves every leaf of every batch and none that is not there', async () => {
    pushEpoch();
    const leaves = [leaf(1), leaf(2), leaf(3)];
    pushBatch(0, 0, leaves);
    const { number } = pushBatch(1, 3, [leaf(4)]);
    await replica.waitForBlock(number);
    for (const [i, expected] of leaves.entries()) {
      const proof = await replica.inclusion(USCC, 1, i);
      expect(proof?.argument).to.deep.equal(expected);
      const batch = { position: i, count: 3, root: anchorRoot(leaves) };
      expect(proof && verifyInclusion(proof, batch)).to.equal(true);
    }
    expect((await replica.inclusion(USCC, 1, 3))?.path).to.deep.equal([]);
    expect(await replica.inclusion(USCC, 1, 4)).to.equal(undefined);
    expect(await replica.inclusion(USCC, 2, 0)).to.equal(undefined);
    const held = await replica.epochEvidence(USCC, 1);
    expect(held?.evidence.covered).to.equal(4);
    expect(held?.evidence.version).to.equal(3);
    expect(await replica.epochEvidence(USCC, 2)).to.equal(undefined);
  });

  it('leaves out what the ledger marked as invalid', async () => {
    pushEpoch();
    pushBatch(0, 0, [leaf(1)], 11);
    await replica.waitForBlock(1);
    expect((await replica.epochEvidence(USCC, 1))?.evidence.batches).to.deep.equal([]);
    expect(replica.counts().batches).to.equal(0);
  });

  it('keeps the newest status and the history, and tells who listens', async () => {
    const heard: string[] = [];
    const end = replica.onStatusChange((changes) => heard.push(...changes.map((c) => c.state)));
    pushEpoch();
    pushBatch(0, 0, [leaf(1), leaf(2)]);
    pushStatus(1, 'suspended', 1);
    const before = pushStatus(1, 'revoked', 2);
    await replica.waitForBlock(before.number);
    end();
    const last = pushStatus(0, 'suspended', 1);
    await replica.waitForBlock(last.number);
    expect(heard).to.deep.equal(['suspended', 'revoked']);
    expect((await replica.statusOf(USCC, 1, 1)).state).to.equal('revoked');
    expect((await replica.epochEvidence(USCC, 1))?.evidence.version).to.equal(2 + 2 + 1);
    const events = await replica.eventsOf(USCC, 1, 1);
    expect(events.map((e) => (e.kind === 'status' ? e.seq : 'batch'))).to.deep.equal([
      'batch',
      1,
      2,
    ]);
    expect(await replica.statusOf(USCC, 1, 7)).to.deep.equal({ state: 'valid', seq: 0 });
  });

  it('goes on where it was after a restart', async () => {
    pushEpoch();
    await replica.waitForBlock(0);
    await replica.close();
    pushBatch(0, 0, [leaf(1)]);
    replica = await open();
    await replica.waitForBlock(1);
    expect(replica.counts()).to.include({ height: 2, epochs: 1, batches: 1 });
  });

  it('stops at a block that does not follow, says so, and keeps what it had', async () => {
    pushEpoch();
    await replica.waitForBlock(0);
    const waiting = replica.waitForBlock(1).then(
      () => 'came',
      (error: unknown) => (error as { code: string }).code,
    );
    const forged = pushBatch(0, 0, [leaf(1)]);
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.height()).to.equal(2);
    });
    expect(await waiting).to.equal('came');
    ledger.chain[2] = { ...forged, number: 2, previousHash: leaf(7) };
    ledger.push(); // wakes the stream; number 3 is never reached
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.include('LEDGER_CHAIN_BROKEN');
    });
    expect(replica.height()).to.equal(2);
    const refused = await replica.waitForBlock(5).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'LEDGER_UNAVAILABLE');
  });

  it('is behind until it was level once, whatever it holds, and says so', async () => {
    await replica.close();
    pushEpoch();
    ledger.reachable = false; // blocks come, but nobody says how many there are
    replica = await open();
    await replica.waitForBlock(0);
    expect(replica.troubles()).to.have.members(['REPLICA_BEHIND', 'LEDGER_UNAVAILABLE']);
    ledger.reachable = true;
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.deep.equal([]);
    });
  });

  it('stays behind a ledger that is higher than the blocks it is given', async () => {
    await replica.close();
    let missing = 1;
    ledger.height = () => Promise.resolve(ledger.chain.length + missing);
    db = memoryTable();
    const started = now;
    const opening = open();
    const ticking = setInterval(() => (now += 1), 10); // the wait for the first level is by this clock
    replica = await opening.finally(() => clearInterval(ticking));
    expect(now - started).to.be.at.least(10);
    pushEpoch();
    await replica.waitForBlock(0);
    expect(replica.troubles()).to.deep.equal(['REPLICA_BEHIND']);
    missing = 0;
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.deep.equal([]);
    });
  });

  it('is level as of its question, however many blocks come while it asks', async () => {
    // Who compares the answer with what has come meanwhile is never level here.
    ledger.height = async () => {
      const height = ledger.chain.length;
      ledger.push();
      await replica.waitForBlock(height);
      return height;
    };
    now += 60;
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.counts().levelAt).to.equal(now);
    });
    expect(replica.troubles()).to.deep.equal([]);
  });

  it('is not level by a clock that the peers refuse', async () => {
    const level = async () => (await replica.epochEvidence(USCC, 1))?.at ?? 0;
    pushEpoch();
    await replica.waitForBlock(0);
    await eventually(async () => {
      expect(await level()).to.equal(now);
    });
    const before = now;
    ledger.onEvaluate = () => Promise.reject(new CodedError('LEDGER_REFUSED', '600 s off'));
    now += 600;
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.have.members(['CLOCK_REFUSED', 'REPLICA_BEHIND']);
    });
    expect(await level()).to.equal(before);
    ledger.onEvaluate = () => Promise.reject(new CodedError('NOT_FOUNDED', 'not founded'));
    await eventually(async () => {
      expect(await level()).to.equal(now);
    });
    expect(replica.troubles()).to.deep.equal([]);
  });

  it('ages while the ledger is away and says so', async () => {
    pushEpoch();
    await replica.waitForBlock(0);
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.deep.equal([]);
    });
    ledger.reachable = false;
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.deep.equal(['LEDGER_UNAVAILABLE']);
    });
    now += 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(now - ((await replica.epochEvidence(USCC, 1))?.at ?? 0)).to.equal(1000);
  });

  it('says when the ledger is shorter than what it has seen', async () => {
    pushEpoch();
    pushBatch(0, 0, [leaf(1)]);
    await replica.waitForBlock(1);
    ledger.chain.length = 1;
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.include('LEDGER_SHORTER');
    });
  });

  it('says when the blocks are of another network, and gives out nothing of it', async () => {
    const maker = await EvidenceMaker.create();
    const { definition } = parseTrustBundle(decodeCbor(claimedValue(maker.bundle())));
    const founding = transaction('zl', 'Found', { definition, signatures: {} });
    replica = await reopen(networkIdOf(definition));
    ledger.push(founding);
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.trustBundle().bundle.definition).to.deep.equal(definition);
    });
    expect(replica.troubles()).not.to.include('NETWORK_MISMATCH');
    replica = await reopen(new Uint8Array(32));
    await eventually(async () => {
      await Promise.resolve();
      expect(replica.troubles()).to.include('NETWORK_MISMATCH');
    });
    expect(() => replica.trustBundle())
      .to.throw()
      .with.property('code', 'LEDGER_UNAVAILABLE');
  });

  it('has no trust bundle before the block that founds the network', () => {
    expect(() => replica.trustBundle())
      .to.throw()
      .with.property('code', 'LEDGER_UNAVAILABLE');
  });
});
