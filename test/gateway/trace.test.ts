// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { verifyMerklePath } from '@zhenglian/core/merkle';
import { traceChain } from '@zhenglian/core/records/trace-root';
import { memoryTable } from '../../gateway/src/replica/memory-table.ts';
import type { TraceRow } from '../../gateway/src/replica/replica-records.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { encodeEntry, TRACE_PREFIXES } from '../../gateway/src/trace/trace-entry.ts';
import { openTrace } from '../../gateway/src/trace/trace.ts';
import type { Trace, TraceAct } from '../../gateway/src/trace/trace.ts';
import { fakeLedger } from './fake-ledger.ts';
import type { FakeLedger } from './fake-ledger.ts';
import { act, LICENCE, rootsSent, traceParts } from './trace-parts.ts';

describe('gateway: the trace', () => {
  let ledger: FakeLedger;
  let db: Table;
  let trace: Trace;
  let roots: Map<number, TraceRow>;
  let now: number;

  const open = (table: Table = db) =>
    openTrace({ ...traceParts(ledger, roots), db: table, clock: () => now });
  const requests = () => rootsSent(ledger);

  beforeEach(async () => {
    ledger = fakeLedger();
    db = memoryTable();
    roots = new Map();
    now = 1_800_000_000;
    trace = await open();
  });
  afterEach(() => trace.close());

  it('numbers acts without a gap, however they come together', async () => {
    await Promise.all([
      trace.append(act(), act()),
      trace.append(act({ subject: 'b' })),
      trace.append(),
    ]);
    await trace.append(act());
    const mine = await trace.entriesOf([LICENCE]);
    expect(mine.map(({ entry }) => entry.n)).to.deep.equal([0, 1, 3]);
    const both = await trace.entriesOf(['b', LICENCE, 'nobody']);
    expect(both.map(({ entry }) => entry.n)).to.deep.equal([0, 1, 2, 3]);
    expect(both.every(({ proof }) => proof === null)).to.equal(true);
  });

  it('is there after a restart and goes on', async () => {
    await trace.append(act(), act());
    trace = await open();
    await trace.append(act());
    expect((await trace.entriesOf([LICENCE])).map(({ entry }) => entry.n)).to.deep.equal([0, 1, 2]);
  });

  it('tells no time before that of the entry before, whatever the clock says', async () => {
    await trace.append(act());
    now += 3600;
    await trace.append(act());
    now -= 3600;
    await trace.append(act());
    trace = await open();
    now -= 600;
    await trace.append(act());
    now += 4201;
    await trace.append(act());
    const times = (await trace.entriesOf([LICENCE])).map(({ entry }) => entry.at - 1_800_000_000);
    expect(times).to.deep.equal([0, 3600, 3600, 3600, 3601]);
  });

  it('anchors roots that follow each other and proves each entry', async () => {
    await trace.append(act(), act({ outcome: 'DENIED' }), act());
    await trace.anchor();
    await trace.append(act());
    await trace.anchor();
    const [first, second] = requests();
    expect(first).to.include({ n: 0, first: 0, count: 3 });
    expect(second).to.include({ n: 1, first: 3, count: 1 });
    expect(first && second?.previous).to.deep.equal(first && traceChain(first));
    for (const { entry, proof } of await trace.entriesOf([LICENCE])) {
      expect(proof).to.not.equal(null);
      if (proof === null) continue;
      const content = encodeEntry(entry);
      const { path, root, count } = proof;
      const position = entry.n - proof.first;
      const place = { position, count, path, root, prefixes: TRACE_PREFIXES };
      expect(verifyMerklePath({ content, ...place })).to.equal(true);
      const bent = encodeEntry({ ...entry, outcome: 'other' });
      expect(verifyMerklePath({ content: bent, ...place })).to.equal(false);
    }
  });

  it('sends the same root again when an answer was lost, and takes the transaction from the replica', async () => {
    await trace.append(act());
    ledger.onSubmit = () => Promise.reject(new CodedError('COMMIT_UNKNOWN', 'lost'));
    await trace.anchor();
    await trace.append(act());
    await trace.close();
    trace = await open();
    await trace.anchor();
    const [first, again] = requests();
    expect(again).to.deep.equal(first);
    expect(first?.count).to.equal(1);
    if (first === undefined) return;
    const { instance, n, count, root } = first;
    const chain = traceChain(first);
    const place = { blockNumber: 4, transactionId: 'tx-found', at: 1_800_000_001 };
    roots.set(0, { msp: 'P44', instance, n, first: 0, count, root, chain, ...place });
    ledger.onSubmit = undefined;
    await trace.anchor();
    const proofs = (await trace.entriesOf([LICENCE])).map(({ proof }) => proof?.transactionId);
    expect(proofs).to.deep.equal(['tx-found', 'tx-0-0']);
  });

  it('says that it is forked when the ledger holds another root of its number', async () => {
    await trace.append(act());
    const other = new Uint8Array(32).fill(5);
    const place = { blockNumber: 4, transactionId: 'x', at: 1 };
    roots.set(0, {
      ...{ msp: 'P44', instance: 'gw-1', n: 0, first: 0, count: 1, root: other, chain: other },
      ...place,
    });
    await trace.anchor();
    expect(trace.troubles()).to.deep.equal(['TRACE_FORKED']);
    expect(ledger.submitted).to.deep.equal([]);
  });

  it('fails as a whole when the disk takes no more, and leaves no gap', async () => {
    let full = true;
    const table: Table = {
      ...db,
      write: (changes) =>
        full ? Promise.reject(new CodedError('STORAGE_FULL', 'full')) : db.write(changes),
    };
    trace = await open(table);
    const outcomes = await Promise.allSettled([trace.append(act()), trace.append(act())]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    full = false;
    await trace.append(act());
    expect((await trace.entriesOf([LICENCE])).map(({ entry }) => entry.n)).to.deep.equal([0]);
  });

  it('takes words of its list only: no field of a licence fits', async () => {
    const refused = async (over: Partial<TraceAct>) => {
      let caught: unknown;
      try {
        await trace.append(act(over));
      } catch (error) {
        caught = error;
      }
      expect(caught, JSON.stringify(over)).to.be.instanceOf(TypeError);
    };
    const unlisted = JSON.parse('{"detail": {"name": "x"}}') as Partial<TraceAct>;
    await refused(unlisted);
    await refused({ detail: { type: '张三' } });
    await refused({ detail: { state: '999999199001011234' } });
    await refused({ detail: { kid: '广东省' } });
    await refused({ actor: '李四' });
    await refused({ outcome: 'two words' });
    await trace.append(act());
    expect((await trace.entriesOf([LICENCE])).map(({ entry }) => entry.n)).to.deep.equal([0]);
  });

  it('keeps acts that differ by their subject alone in one row, and gives back each entry as it was', async () => {
    const subjects = ['b'.repeat(32), null, 'p44-0', 'c'.repeat(32)];
    const said = { outcome: 'CLAIM_PROOF', detail: { count: 2, unmasked: true, act: 'x' } };
    await trace.append(act(), ...subjects.map((subject) => act({ ...said, subject })), act());
    const rows = await keysOf(db, 'entry/');
    expect(rows.map((key) => Number(key.slice(6)))).to.deep.equal([0, 4, 5]);
    const found = await trace.entriesOf(subjects.filter((subject) => subject !== null));
    expect(found.map(({ entry }) => entry)).to.deep.equal(
      [subjects[0], subjects[2], subjects[3]].map((subject, i) => {
        const n = [1, 3, 4][i];
        const about = { n, at: 1_800_000_000, kind: 'look-up', actor: 'officer-1', subject };
        return { ...about, purpose: 'audit', ...said };
      }),
    );
  });

  it('closes roots in the midst of a row', async () => {
    const subjects = Array.from({ length: 8200 }, (_, i) => i.toString(16).padStart(32, '0'));
    await trace.append(...subjects.map((subject) => act({ subject })));
    expect(await keysOf(db, 'entry/')).to.have.length(1);
    await trace.anchor();
    expect(requests().map(({ count }) => count)).to.deep.equal([8192, 8]);
    for (const i of [0, 8191, 8192, 8199]) {
      const [proven] = await trace.entriesOf([subjects[i] ?? '']);
      if (proven?.proof === undefined || proven.proof === null) throw new Error('not proven');
      const { path, root, count, first } = proven.proof;
      expect([first, count]).to.deep.equal(i < 8192 ? [0, 8192] : [8192, 8]);
      const place = { position: i - first, count, path, root, prefixes: TRACE_PREFIXES };
      const content = encodeEntry(proven.entry);
      expect(verifyMerklePath({ content, ...place })).to.equal(true);
    }
  });

  it('leaves nothing of a write that came through after all, under numbers that are given again', async () => {
    let isLost = true;
    const table: Table = {
      ...db,
      async write(changes) {
        await db.write(changes);
        if (isLost) throw new CodedError('STORE_UNAVAILABLE', 'the answer was lost');
      },
    };
    trace = await open(table);
    const told = await Promise.allSettled([trace.append(act(), act(), act({ subject: 'b' }))]);
    expect(told[0].status).to.equal('rejected');
    isLost = false;
    await trace.append(act({ outcome: 'again' }));
    expect((await keysOf(db, 'entry/')).map((key) => Number(key.slice(6)))).to.deep.equal([0]);
    const entries = await trace.entriesOf([LICENCE, 'b']);
    expect(entries.map(({ entry: { n, outcome } }) => [n, outcome])).to.deep.equal([[0, 'again']]);
  });
});

async function keysOf(table: Table, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of table.range({ prefix })) keys.push(key);
  return keys;
}
