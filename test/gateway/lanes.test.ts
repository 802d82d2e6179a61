// SPDX-License-Identifier: Apache-2.0
// Leases and lanes: one that is full gives way to the next, one of another instance is passed by, a wish survives a
// kill, more lanes stand side by side while much waits, and what a restored backup has forgotten is not used twice.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import { CodedError } from '@zhenglian/core/errors';
import { listLanes, storeAnchoring, storeFilling } from '../../gateway/src/issuance/lane.ts';
import { openLanes } from '../../gateway/src/issuance/lanes.ts';
import type { Lanes, LanesParts } from '../../gateway/src/issuance/lanes.ts';
import { openLane } from '../../gateway/src/issuance/lease.ts';
import { createLocks } from '../../gateway/src/locks.ts';
import { openDatabase } from '../../gateway/src/store/database.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { BATCH, COMMITTED, laneParts, takePlaces, TYPE } from './lane-parts.ts';
import { GUANGDONG } from './support.ts';

describe('gateway: lanes', () => {
  let folder: string;
  let database: Database;
  /** Epochs on the ledger, and whose they are. */
  let epochs: Map<number, string>;
  /** Batches on the ledger, by epoch and number. */
  let batches: Set<string>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-lanes-'));
    database = await openDatabase(folder);
    epochs = new Map();
    batches = new Set();
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const parts = (openEpoch?: LanesParts['ledger']['openEpoch']) =>
    laneParts(database.table('desk'), { epochs, batches, isAway: false }, openEpoch);
  const take = (lanes: Lanes, count: number) => takePlaces(lanes, parts().store, count);
  const settled = async (lanes: Lanes, count: number) => {
    for (let i = 0; i < 200 && lanes.all().length < count; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return lanes.all();
  };

  it('gives indexes one after the other, also after a restart, and goes on in the next epoch', async () => {
    const lanes = await openLanes(parts());
    expect(await take(lanes, 2)).to.eql([at(0, 0), at(0, 1)]);
    expect(await take(await openLanes(parts()), 1)).to.eql([at(0, 2)]);
    const [filling] = await listLanes(parts().store, GUANGDONG);
    if (filling === undefined) throw new Error('no lane');
    await parts().store.write([
      storeFilling(filling, { instance: 'own', type: TYPE, state: 'open', next: EPOCH_SIZE - 1 }),
    ]);
    expect(await take(await openLanes(parts()), 3)).to.eql([
      at(0, EPOCH_SIZE - 1),
      at(1, 0),
      at(1, 1),
    ]);
  });

  it('takes nothing for good before it is stored', async () => {
    const lanes = await openLanes(parts());
    await lanes.reserve(GUANGDONG, TYPE, 5);
    await lanes.reload();
    expect(await take(lanes, 1)).to.eql([at(0, 0)]);
  });

  it('leases the next epoch ahead of need', async () => {
    const lanes = await openLanes(parts());
    await take(lanes, EPOCH_SIZE - EPOCH_SIZE / 4 + 1);
    expect(await settled(lanes, 2)).to.have.length(2);
    expect([...epochs.keys()]).to.eql([0, 1]);
  });

  it('opens lanes side by side while much waits, four at most, and fills the emptiest', async () => {
    const lanes = await openLanes(parts());
    for (let i = 1; i <= 8; i += 1) {
      await take(lanes, 2 * BATCH);
      await settled(lanes, Math.min(i + 1, 4));
    }
    expect(lanes.all()).to.have.length(4);
    expect(lanes.all().map(({ next }) => next)).to.eql([400, 400, 400, 400]);
    lanes.moved({ uscc: GUANGDONG, epoch: 2 }, { n: 1, anchored: 400 });
    expect(await take(lanes, 1)).to.eql([at(2, 400)]);
  });

  it('keeps one lane when it is quiet', async () => {
    const lanes = await openLanes(parts());
    for (let i = 0; i < 20; i += 1) {
      await take(lanes, 10);
      lanes.moved({ uscc: GUANGDONG, epoch: 0 }, { n: i + 1, anchored: 10 * (i + 1) });
    }
    expect([...epochs.keys()]).to.eql([0]);
  });

  it('passes by what another instance has, also when that one was quicker', async () => {
    epochs.set(0, 'another');
    const slow = parts((_uscc, epoch, instance) => {
      const rival = epoch === 1 ? 'another' : instance;
      epochs.set(epoch, rival);
      return rival === instance
        ? Promise.resolve(COMMITTED)
        : Promise.reject(new CodedError('MVCC_CONFLICT', 'somebody was quicker'));
    });
    expect((await openLane(slow, GUANGDONG, TYPE)).epoch).to.equal(2);
  });

  it('takes up a wish whose grant it did not live to see', async () => {
    const dying = parts((_uscc, epoch, instance) => {
      epochs.set(epoch, instance);
      return Promise.reject(new CodedError('COMMIT_UNKNOWN', 'killed here'));
    });
    const error = await openLane(dying, GUANGDONG, TYPE).catch(String);
    expect(error).to.include('COMMIT_UNKNOWN');
    expect(await listLanes(parts().store, GUANGDONG)).to.containSubset([{ state: 'wished' }]);
    expect(await openLane(parts(), GUANGDONG, TYPE)).to.include({ epoch: 0, state: 'open' });
    expect([...epochs]).to.eql([[0, 'own']]);
  });

  it('uses no epoch of its own name that its store knows nothing of', async () => {
    epochs.set(0, 'own');
    expect(await take(await openLanes(parts()), 1)).to.eql([at(1, 0)]);
  });

  it('closes a lane whose next batch the ledger has and its store has not', async () => {
    const lanes = await openLanes(parts());
    await take(lanes, 3);
    await parts().store.write([
      storeAnchoring({ uscc: GUANGDONG, epoch: 0 }, { n: 1, anchored: 3 }),
    ]);
    batches.add('0/1');
    expect(await take(await openLanes(parts()), 1)).to.eql([at(1, 0)]);
  });

  describe('of a dead instance', () => {
    const other = (locks = createLocks()) => ({ ...parts(), instance: 'other', locks });

    it('are adopted, closed, with what waits in them; a living one keeps its own', async () => {
      const locks = createLocks();
      expect(await locks.keep('instance/own')).to.equal(true);
      await take(await openLanes(parts()), 3);
      const others = await openLanes(other(locks));
      expect(await others.adopt()).to.equal(0);
      await locks.close();
      expect(await others.adopt()).to.equal(1);
      expect(others.all()).to.containSubset([
        { epoch: 0, instance: 'other', state: 'closed', next: 3, anchored: 0 },
      ]);
      expect(await take(others, 1)).to.eql([at(1, 0)]);
      expect(await others.adopt()).to.equal(0);
    });

    it('are left where nothing of them waits', async () => {
      const lanes = await openLanes(parts());
      await take(lanes, 2);
      const [filling] = await listLanes(parts().store, GUANGDONG);
      if (filling === undefined) throw new Error('no lane');
      await parts().store.write([
        storeFilling(filling, { instance: 'own', type: TYPE, state: 'closed', next: 2 }),
        storeAnchoring(filling, { n: 1, anchored: 2 }),
      ]);
      expect(await (await openLanes(other())).adopt()).to.equal(0);
    });

    it('are used no more by one that was taken for dead and lives', async () => {
      const lanes = await openLanes(parts());
      await take(lanes, 3);
      expect(await (await openLanes(other())).adopt()).to.equal(1);
      expect(await take(lanes, 1)).to.eql([at(1, 0)]);
      expect(lanes.all().map(({ epoch }) => epoch)).to.eql([1]);
    });
  });
});

function at(epoch: number, index: number) {
  return { epoch, index };
}
