// SPDX-License-Identifier: Apache-2.0
// Lanes while the store or the ledger has no answer: none is lost, and none is used before it is known to be unused.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { storeBatch } from '../../gateway/src/issuance/batch-record.ts';
import type { BatchRecord } from '../../gateway/src/issuance/batch-record.ts';
import { listLanes, storeFilling } from '../../gateway/src/issuance/lane.ts';
import { openLanes } from '../../gateway/src/issuance/lanes.ts';
import type { Lanes } from '../../gateway/src/issuance/lanes.ts';
import { openDatabase } from '../../gateway/src/store/database.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { laneParts, takePlaces, TYPE } from './lane-parts.ts';
import type { LaneLedger } from './lane-parts.ts';
import { GUANGDONG } from './support.ts';

describe('gateway: lanes', () => {
  let folder: string;
  let database: Database;
  let ledger: LaneLedger;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-lanes-'));
    database = await openDatabase(folder);
    ledger = { epochs: new Map(), batches: new Set(), isAway: false };
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const parts = () => laneParts(database.table('desk'), ledger);
  const take = (lanes: Lanes, count: number) => takePlaces(lanes, parts().store, count);

  describe('of an earlier life, while the ledger is away', () => {
    /** Three copies wait in a lane, and the gateway starts again without a ledger. */
    const restarted = async () => {
      await take(await openLanes(parts()), 3);
      ledger.isAway = true;
      return openLanes(parts());
    };
    const refused = async (lanes: Lanes) =>
      expect(await lanes.reserve(GUANGDONG, TYPE, 1).catch(String)).to.include(
        'LEDGER_UNAVAILABLE',
      );

    it('give no place and are not anchored before it was asked', async () => {
      const lanes = await restarted();
      ledger.epochs.set(1, 'another');
      await refused(lanes);
      expect([lanes.all(), lanes.troubles()]).to.eql([[], ['LEDGER_UNAVAILABLE']]);
      expect(await lanes.settle()).to.equal(false);
      await refused(lanes);
    });

    it('are used where it has nothing that the store does not know', async () => {
      const lanes = await restarted();
      ledger.isAway = false;
      expect(await lanes.settle()).to.equal(true);
      expect(lanes.all()).to.containSubset([{ epoch: 0, next: 3, anchored: 0 }]);
      expect(lanes.troubles()).to.eql([]);
      expect(await take(lanes, 1)).to.eql([at(0, 3)]);
    });

    it('are asked about before they give a place', async () => {
      const lanes = await restarted();
      ledger.isAway = false;
      expect(await take(lanes, 1)).to.eql([at(0, 3)]);
    });

    it('are closed where it is ahead of the store, also after a restart', async () => {
      const lanes = await restarted();
      ledger.isAway = false;
      ledger.batches.add('0/0');
      expect(await lanes.settle()).to.equal(true);
      expect(lanes.all()).to.eql([]);
      expect(await listLanes(parts().store, GUANGDONG)).to.containSubset([
        { epoch: 0, state: 'closed' },
      ]);
      ledger.batches.clear();
      expect(await take(await openLanes(parts()), 1)).to.eql([at(1, 0)]);
    });

    it('are closed behind a batch of their own that was ready when the backup was made', async () => {
      await take(await openLanes(parts()), 3);
      await parts().store.write([storeBatch({ ...READY, uscc: GUANGDONG })]);
      ledger.batches.add('0/0');
      const sure = await openLanes(parts());
      expect(sure.all()).to.containSubset([{ epoch: 0, state: 'open', next: 3 }]);
      ledger.batches.add('0/1');
      const lanes = await openLanes(parts());
      expect(lanes.all()).to.containSubset([{ epoch: 0, state: 'closed', next: 2, anchored: 0 }]);
      expect(await take(lanes, 1)).to.eql([at(1, 0)]);
    });
  });

  describe('when the store is away', () => {
    /** A store that can be taken away, and lanes over it in which fifty copies wait. */
    const overStore = async () => {
      const inner = parts().store;
      const state = { isAway: false };
      const away = () => new CodedError('STORE_UNAVAILABLE', 'away');
      const store: Table = {
        get: (key) => (state.isAway ? Promise.reject(away()) : inner.get(key)),
        getMany: (keys) => (state.isAway ? Promise.reject(away()) : inner.getMany(keys)),
        write: (changes) => (state.isAway ? Promise.reject(away()) : inner.write(changes)),
        range(range) {
          if (state.isAway) throw away();
          return inner.range(range);
        },
      };
      const lanes = await openLanes({ ...parts(), store });
      await take(lanes, 50);
      return { lanes, state };
    };

    it('keep what they hold, and say so', async () => {
      const { lanes, state } = await overStore();
      state.isAway = true;
      await lanes.reload();
      expect(lanes.all()).to.containSubset([{ epoch: 0, next: 50, anchored: 0 }]);
      expect(lanes.troubles()).to.eql(['STORE_UNAVAILABLE']);
      expect(await lanes.reserve(GUANGDONG, TYPE, 1).catch(String)).to.include('STORE_UNAVAILABLE');
      expect(await lanes.settle()).to.equal(false);
    });

    for (const by of ['the chores', 'the next who wants a place'] as const) {
      it(`are read again when it is back by ${by}`, async () => {
        const { lanes, state } = await overStore();
        state.isAway = true;
        await lanes.reload();
        state.isAway = false;
        // The write whose answer was lost had come through.
        const filled = { instance: 'own', type: TYPE, next: 55, state: 'open' as const };
        await parts().store.write([storeFilling({ uscc: GUANGDONG, epoch: 0 }, filled)]);
        if (by === 'the chores') {
          expect(await lanes.settle()).to.equal(true);
          expect(lanes.all()).to.containSubset([{ epoch: 0, next: 55 }]);
        }
        expect(await take(lanes, 1)).to.eql([at(0, 55)]);
        expect(lanes.troubles()).to.eql([]);
      });
    }
  });
});

const READY: Omit<BatchRecord, 'uscc'> = {
  ...{ epoch: 0, n: 0, first: 0, count: 2, type: TYPE, imports: [], step: 'prepared' },
  root: new Uint8Array(32),
  kid: new Uint8Array(8),
  signature: new Uint8Array(64),
};

function at(epoch: number, index: number) {
  return { epoch, index };
}
