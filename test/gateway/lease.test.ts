// SPDX-License-Identifier: Apache-2.0
// Leases of epochs: one that is full gives way to the next, one of another instance is passed by, a wish survives a kill.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import { CodedError } from '@zhenglian/core/errors';
import { loadLease, prepareLease, storeLease } from '../../gateway/src/issuance/lease.ts';
import type { LeaseParts } from '../../gateway/src/issuance/lease.ts';
import { openDatabase } from '../../gateway/src/store/database.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { GUANGDONG } from './support.ts';

describe('gateway: leases', () => {
  let folder: string;
  let database: Database;
  /** Epochs on the ledger, and whose they are. */
  let epochs: Map<number, string>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-lease-'));
    database = await openDatabase(folder);
    epochs = new Map();
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const parts = (openEpoch?: LeaseParts['ledger']['openEpoch']): LeaseParts => ({
    store: database.table('desk'),
    instance: 'own',
    ledger: {
      epoch: (_uscc, epoch) => {
        const instance = epochs.get(epoch);
        return Promise.resolve(instance === undefined ? undefined : { instance });
      },
      openEpoch:
        openEpoch ??
        ((_uscc, epoch, instance) => {
          if (epochs.has(epoch)) return Promise.reject(new CodedError('EXISTS', 'taken'));
          epochs.set(epoch, instance);
          return Promise.resolve();
        }),
    },
  });

  it('goes on with one that has room, and opens the next when it is full', async () => {
    const first = await prepareLease(parts(), GUANGDONG);
    expect(first).to.eql({ epoch: 0, next: 0, n: 0, granted: true });
    const { store } = parts();
    const nearlyFull = { ...first, next: EPOCH_SIZE - 1, n: 40 };
    await store.write([storeLease(GUANGDONG, nearlyFull)]);
    expect(await prepareLease(parts(), GUANGDONG)).to.eql(nearlyFull);
    await store.write([storeLease(GUANGDONG, { ...first, next: EPOCH_SIZE, n: 41 })]);
    const second = { epoch: 1, next: 0, n: 0, granted: true };
    expect(await prepareLease(parts(), GUANGDONG)).to.eql(second);
    expect([...epochs]).to.eql([
      [0, 'own'],
      [1, 'own'],
    ]);
  });

  it('passes by what another instance has, also when that one was quicker', async () => {
    epochs.set(0, 'another');
    const slow = parts((_uscc, epoch, instance) => {
      const rival = epoch === 1 ? 'another' : instance;
      epochs.set(epoch, rival);
      return rival === instance
        ? Promise.resolve()
        : Promise.reject(new CodedError('MVCC_CONFLICT', 'somebody was quicker'));
    });
    expect((await prepareLease(slow, GUANGDONG)).epoch).to.equal(2);
  });

  it('takes up a wish whose grant it did not live to see', async () => {
    const dying = parts((_uscc, epoch, instance) => {
      epochs.set(epoch, instance);
      return Promise.reject(new CodedError('COMMIT_UNKNOWN', 'killed here'));
    });
    const error = await prepareLease(dying, GUANGDONG).catch(String);
    expect(error).to.include('COMMIT_UNKNOWN');
    expect((await loadLease(parts().store, GUANGDONG))?.granted).to.equal(false);
    expect(await prepareLease(parts(), GUANGDONG)).to.include({ epoch: 0, granted: true });
    expect([...epochs]).to.eql([[0, 'own']]);
  });
});
