// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { createLocks } from '../../gateway/src/locks.ts';
import { memoryTable } from '../../gateway/src/replica/memory-table.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { openTraceOutbox } from '../../gateway/src/trace-outbox.ts';
import type { TraceOutbox } from '../../gateway/src/trace-outbox.ts';
import type { TraceAct } from '../../gateway/src/trace/trace.ts';

const act = (subject: string): TraceAct => ({
  ...{ kind: 'issue', purpose: 'issuance', actor: 'officer-1', subject, outcome: 'done' },
  detail: { type: 'driving' },
});

describe('gateway: the outbox of the trace', () => {
  let store: Table;
  let told: (string | null)[];
  let isFull: boolean;
  let outbox: TraceOutbox;

  const open = () =>
    openTraceOutbox({
      ...{ store, instance: 'p44-1', locks: createLocks() },
      trace: {
        async append(...acts) {
          await Promise.resolve();
          if (isFull) throw new CodedError('STORAGE_FULL', 'full');
          told.push(...acts.map(({ subject }) => subject));
        },
      },
    });
  const rows = async () => {
    const keys: string[] = [];
    for await (const { key } of store.range({ prefix: 'outbox/' })) keys.push(key);
    return keys;
  };

  beforeEach(async () => {
    store = memoryTable();
    told = [];
    isFull = false;
    outbox = await open();
  });

  it('tells the acts of a batch once, from one row', async () => {
    const put = outbox.put(act('a'), act('b'), { ...act('c'), outcome: 'other' });
    expect(put).to.have.length(1);
    await store.write(put);
    outbox.handOver([{ key: 'x', value: new Uint8Array(1) }, ...put]);
    await outbox.told();
    expect(told).to.deep.equal(['a', 'b', 'c']);
    outbox.handOver(put);
    await outbox.close();
    await outbox.adopt();
    await outbox.adopt();
    outbox = await open();
    expect(told).to.deep.equal(['a', 'b', 'c']);
    expect(await rows()).to.deep.equal([]);
  });

  it('tells what others put meanwhile only when they say that it is stored', async () => {
    const [mine, others] = [outbox.put(act('a')), outbox.put(act('b'))];
    await store.write(mine);
    outbox.handOver(mine);
    await outbox.told();
    expect(told).to.deep.equal(['a']);
    await store.write(others);
    outbox.handOver(others);
    await outbox.told();
    expect(told).to.deep.equal(['a', 'b']);
  });

  it('has room while few wait, and tells who waits for room or for all of it', async () => {
    const order: string[] = [];
    const puts = ['a', 'b', 'c', 'd'].map((subject) => outbox.put(act(subject)));
    for (const put of puts) await store.write(put);
    await outbox.room();
    for (const put of puts) outbox.handOver(put);
    await Promise.all([
      outbox.told().then(() => order.push(`all of ${told.length}`)),
      outbox.room().then(() => order.push(`room at ${told.length}`)),
    ]);
    expect(told).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(order.sort()).to.deep.equal(['all of 4', 'room at 4']);
  });

  it('tells after a kill what was stored and not handed over', async () => {
    outbox.put(act('never stored'));
    await store.write(outbox.put(act('a'), act('b')));
    await open();
    expect(told).to.deep.equal(['a', 'b']);
    expect(await rows()).to.deep.equal([]);
  });

  it('tells later what the trace had no room for, and not twice', async () => {
    const [one, two] = [outbox.put(act('a')), outbox.put(act('b'))];
    await store.write([...one, ...two]);
    isFull = true;
    outbox.handOver(one);
    outbox.handOver(two);
    await outbox.told();
    expect([told, (await rows()).length]).to.deep.equal([[], 2]);
    isFull = false;
    await outbox.adopt(); // seen for the first time: whoever wrote it may be about to hand it over
    expect(told).to.deep.equal([]);
    await outbox.adopt();
    await outbox.adopt();
    expect(told).to.deep.equal(['a', 'b']);
    expect(await rows()).to.deep.equal([]);
  });
});
