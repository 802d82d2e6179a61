// SPDX-License-Identifier: Apache-2.0
// A replica of an earlier version, which had all leaves of a batch in one row, is laid out anew where it stands.
import { expect } from 'chai';
import { anchorRoot, verifyInclusion } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import { layOutLeaves } from '../../../gateway/src/replica/leaf-rows.ts';
import { memoryTable } from '../../../gateway/src/replica/memory-table.ts';
import { openReplica } from '../../../gateway/src/replica/open-replica.ts';
import { replicaKey } from '../../../gateway/src/replica/replica-records.ts';
import type { Replica } from '../../../gateway/src/replica/replica.ts';
import type { TableChange } from '../../../gateway/src/store/table.ts';
import { fakeLedger, SILENT } from '../fake-ledger.ts';
import { leaf, pushed, USCC } from './pushed-blocks.ts';

describe('gateway: leaves of an earlier version', () => {
  const ledger = fakeLedger();
  const db = memoryTable();
  let replica: Replica;
  after(() => replica.close());

  const open = () =>
    openReplica({
      ...{ db, ledger, networkId: new Uint8Array(32), log: SILENT, pollEvery: 10 },
      clock: () => 1_800_000_100,
    });
  /** Puts a replica's rows back as an earlier version had them, with these rows of leaves. */
  const asFormerly = async (leaves: readonly TableChange[]) => {
    const changes: TableChange[] = [...leaves, { key: 'meta/2' }];
    const meta = await db.get('meta/2');
    if (meta !== undefined) changes.push({ key: 'meta', value: meta });
    for (const prefix of ['leaf-rows/', 'nodes/']) {
      for await (const { key } of db.range({ prefix })) changes.push({ key });
    }
    await db.write(changes);
  };

  it('lays out the leaves that an earlier version had in one row a batch, without the ledger', async () => {
    pushed.epoch(ledger);
    const [one, many] = [[leaf(1)], Array.from({ length: 130 }, (_, i) => leaf(i))] as const;
    pushed.batch(ledger, { n: 0, first: 0, leaves: one });
    const { number } = pushed.batch(ledger, { n: 1, first: 1, leaves: many });
    replica = await open();
    await replica.waitForBlock(number);
    await replica.close();
    const keys = [0, 1].map((n) => `leaves/${replicaKey.batch(USCC, 1, n)}`) as [string, string];
    await asFormerly([
      { key: keys[0], value: concat(...one) },
      { key: keys[1], value: concat(...many) },
    ]);
    // A kill after the first batch.
    const write = (changes: readonly TableChange[]) =>
      changes.some(({ key }) => key === keys[1])
        ? Promise.reject(new Error('killed'))
        : db.write(changes);
    expect(String(await layOutLeaves({ ...db, write }).catch(String))).to.include('killed');
    ledger.reachable = false;
    replica = await open();
    expect((await replica.inclusion(USCC, 1, 0))?.argument).to.deep.equal(leaf(1));
    for (const position of [0, 63, 64, 129]) {
      const proof = await replica.inclusion(USCC, 1, 1 + position);
      const batch = { position, count: 130, root: anchorRoot(many) };
      expect(proof && verifyInclusion(proof, batch)).to.equal(true);
    }
    const left = await db.getMany(['meta', ...keys, 'meta/2']);
    expect(left.map((found) => found !== undefined)).to.deep.equal([false, false, false, true]);
    expect(replica.height()).to.equal(number + 1);
  });
});
