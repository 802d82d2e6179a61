// SPDX-License-Identifier: Apache-2.0
// When a root of the trace is closed and sent: after so many entries, or when somebody asks; never for what just came.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { memoryTable } from '../../gateway/src/replica/memory-table.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { openTrace } from '../../gateway/src/trace/trace.ts';
import type { Trace } from '../../gateway/src/trace/trace.ts';
import { fakeLedger } from './fake-ledger.ts';
import type { FakeLedger } from './fake-ledger.ts';
import { act, rootsSent, traceParts } from './trace-parts.ts';

describe('gateway: roots of the trace', () => {
  let ledger: FakeLedger;
  let db: Table;
  let trace: Trace;

  const open = (entries = 1_000_000, table = db) =>
    openTrace({
      ...traceParts(ledger),
      db: table,
      clock: () => 1,
      every: { entries, seconds: 3600 },
    });
  const counts = () => rootsSent(ledger).map(({ count }) => count);

  beforeEach(async () => {
    ledger = fakeLedger();
    db = memoryTable();
    trace = await open();
  });
  afterEach(() => trace.close());

  it('anchors by itself after so many entries', async () => {
    trace = await open(2);
    await trace.append(act());
    await trace.append(act());
    while (trace.pending().entries > 0) await nextTurn();
    expect(counts()).to.deep.equal([2]);
  });

  it('anchors after so many entries even while one write follows the other', async () => {
    let left = 50;
    const busy: Table = {
      ...db,
      async write(changes) {
        const isEntry = changes.some(({ key }) => key.startsWith('entry/'));
        if (isEntry && left-- > 0) void trace.append(act());
        await nextTurn();
        await db.write(changes);
      },
    };
    trace = await open(2, busy);
    await trace.append(act());
    while (left >= 0 || trace.pending().entries > 1) await nextTurn();
    expect(counts().length).to.be.greaterThan(3);
  });

  it('leaves the next try to the timer when a root could not be sent', async () => {
    let tries = 0;
    ledger.onSubmit = () => {
      tries += 1;
      return Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'away'));
    };
    trace = await open(1);
    for (let i = 0; i < 5; i += 1) {
      await trace.append(act());
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    }
    expect(tries).to.equal(1);
    ledger.onSubmit = undefined;
    await trace.anchor();
    await trace.append(act());
    while (trace.pending().entries > 0) await nextTurn();
    expect(counts()).to.deep.equal([1, 1, 4, 1]);
  });

  it('sends a root that was closed before a restart, though nothing came since', async () => {
    await trace.append(act());
    ledger.onSubmit = () => Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'away'));
    await trace.anchor();
    await trace.close();
    ledger.onSubmit = undefined;
    trace = await open();
    await trace.anchor();
    expect(trace.pending()).to.deep.equal({ entries: 0, roots: 0 });
  });

  it('leaves what comes while a root is sent to the next one', async () => {
    let sent = 0;
    ledger.onSubmit = async () => {
      sent += 1;
      await trace.append(act(), act());
      return { transactionId: `tx-${String(sent)}`, blockNumber: sent, result: new Uint8Array() };
    };
    await trace.append(act());
    await trace.anchor();
    expect(counts()).to.deep.equal([1]);
    expect(trace.pending()).to.deep.equal({ entries: 2, roots: 0 });
    ledger.onSubmit = undefined;
    await trace.anchor();
    expect(counts()).to.deep.equal([1, 2]);
  });

  it('anchors what came while a root was sent for whoever asks meanwhile', async () => {
    let asked: Promise<void> | undefined;
    ledger.onSubmit = async () => {
      ledger.onSubmit = undefined;
      await trace.append(act(), act());
      asked = trace.anchor();
      return { transactionId: 'tx-1', blockNumber: 1, result: new Uint8Array() };
    };
    await trace.append(act());
    await trace.anchor();
    await asked;
    expect(counts()).to.deep.equal([1, 2]);
    expect(trace.pending()).to.deep.equal({ entries: 0, roots: 0 });
  });
});
