// SPDX-License-Identifier: Apache-2.0
// The part of the ledger's behaviour that readers of blocks rely on (ledger.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { utf8 } from '@zhenglian/core/bytes';
import { registerCall as call } from '../support/register-calls.ts';
import type { Ledger } from '../../network/ledger.ts';
import { take } from '../support/ledger-outcomes.ts';

/** What blocks and states of transactions are, as two organisations see them. */
export function describeBlocks(
  open: () => { readonly ledger: Ledger; readonly other: Ledger },
): void {
  let ledger: Ledger;
  let other: Ledger;
  before(() => {
    ({ ledger, other } = open());
  });

  describe('blocks', () => {
    it('come from a height on, chained, and hold what was submitted', async () => {
      const from = await ledger.height();
      const extra = [utf8('leaves')];
      const request = { key: 'block', value: 1 };
      const { transactionId } = await ledger.submit({ ...call('zl', 'Put', request), extra });
      const [block] = await take(other, from, 1);
      const [transaction] = block?.transactions ?? [];
      expect(block?.number).to.equal(from);
      expect(transaction).to.include({
        id: transactionId,
        code: 0,
        msp: 'P44',
        chaincode: 'zl',
        name: 'Put',
      });
      expect(transaction?.at).to.be.closeTo(Date.now() / 1000, 120);
      expect(transaction?.args).to.eql([utf8(JSON.stringify(request)), utf8('leaves')]);
    });

    it('form one chain from the first', async () => {
      const height = await ledger.height();
      const blocks = await take(ledger, 0, height);
      blocks.forEach((block, i) => {
        expect(block.number).to.equal(i);
        if (i > 0) expect(block.previousHash).to.eql(blocks[i - 1]?.hash);
      });
      const ids = blocks.flatMap(({ transactions }) => transactions.map(({ id }) => id));
      expect(new Set(ids).size).to.equal(ids.length);
    });

    it('come as they are made', async () => {
      const from = await ledger.height();
      const coming = take(other, from, 2);
      await ledger.submit(call('zl', 'Put', { key: 'live', value: 1 }));
      await ledger.submit(call('zl', 'Put', { key: 'live', value: 2 }));
      expect((await coming).map(({ number }) => number)).to.eql([from, from + 1]);
    });

    it('show a transaction that lost its race as invalid', async () => {
      const from = await ledger.height();
      const add = () => ledger.submit(call('zl', 'Add', { key: 'raced', value: 1 }));
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, add));
      const lost = outcomes.filter(({ status }) => status === 'rejected').length;
      const blocks = await take(ledger, from, (await ledger.height()) - from);
      const codes = blocks.flatMap((b) => b.transactions.map(({ code }) => code));
      expect(codes.filter((code) => code === 11)).to.have.length(lost);
      expect(codes.filter((code) => code === 0)).to.have.length(8 - lost);
    });

    it('end when the signal aborts', async () => {
      const stop = new AbortController();
      const seen: number[] = [];
      setTimeout(() => {
        stop.abort();
      }, 100);
      for await (const { number } of ledger.blocks(await ledger.height(), stop.signal)) {
        seen.push(number);
      }
      expect(seen).to.eql([]);
    });
  });

  describe('status', () => {
    it('tells block and code of a transaction, and nothing of one that is not there', async () => {
      const committed = await ledger.submit(call('zl', 'Put', { key: 'status', value: 1 }));
      const { transactionId, blockNumber } = committed;
      // The other's organisation commits in its own time.
      const end = Date.now() + 10_000;
      while (!(await other.status(transactionId)) && Date.now() < end) await sleep(50);
      expect(await other.status(transactionId)).to.eql({ transactionId, blockNumber, code: 0 });
      expect(await other.status('00'.repeat(32))).to.equal(undefined);
    });
  });
}
