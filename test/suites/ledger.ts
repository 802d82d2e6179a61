// SPDX-License-Identifier: Apache-2.0
// How a ledger behaves, whichever engine is under it: the one suite that every engine runs unchanged.
// It works on the register contract (test/support/ledger-contracts) and never moves a clock.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { verifyAnswer } from '@zhenglian/core/cosigned-answer';
import { registerAnswer as parse, registerCall as call } from '../support/register-calls.ts';
import type { Call, Ledger } from '../../network/ledger.ts';
import { codeOf, refused, take } from '../support/ledger-outcomes.ts';
import { describeBlocks } from './ledger-blocks.ts';

/** One network for the whole suite: three organisations P44, P33 and REG, the register contract under each name. */
export interface LedgerFixture {
  readonly channel: string;
  readonly msps: readonly string[];
  readonly roots: ReadonlyMap<string, Uint8Array>;
  connect(msp: string): Promise<Ledger>;
  close(): Promise<void>;
}

/** The behaviour suite. */
export function describeLedger(name: string, open: () => Promise<LedgerFixture>): void {
  describe(`ledger behaviour: ${name}`, function () {
    this.timeout(120_000);
    let fixture: LedgerFixture;
    let ledger: Ledger;
    let other: Ledger;

    before(async () => {
      fixture = await open();
      ledger = await fixture.connect('P44');
      other = await fixture.connect('P33');
    });
    after(async () => {
      await ledger.close();
      await other.close();
      await fixture.close();
    });

    describe('submit', () => {
      it('commits, and returns what the contract returned', async () => {
        const first = await ledger.submit(call('zl', 'Add', { key: 'a', value: 2 }));
        const second = await ledger.submit(call('zl', 'Add', { key: 'a', value: 3 }));
        expect(parse(second.result)).to.equal(5);
        expect(second.blockNumber).to.be.greaterThan(first.blockNumber);
        expect(second.transactionId).to.match(/^[0-9a-f]{64}$/);
      });

      it('is seen by every organisation once committed', async () => {
        await ledger.submit(call('zl', 'Put', { key: 'seen', value: 9 }));
        await everywhere('seen', 9);
      });

      it("throws the contract's own code and writes nothing", async () => {
        await refused(ledger.submit(call('zl', 'Fail')), 'KEY_BURNED');
        expect(parse(await ledger.evaluate(call('zl', 'Get', { key: 'never' })))).to.equal(0);
      });

      it('refuses a chaincode and a function that are not there', async () => {
        await refused(ledger.submit(call('zl-p99', 'Get')), 'LEDGER_REFUSED');
        await refused(ledger.submit(call('zl', 'NoSuch')), 'LEDGER_REFUSED');
      });

      it('carries raw bytes beside the request', async () => {
        const extra = [new Uint8Array(320_000).fill(0xff)];
        const { result } = await ledger.submit({ ...call('zl-p44', 'Size'), extra });
        expect(parse(result)).to.equal(320_000);
      });

      it('keeps the namespaces of chaincodes apart', async () => {
        await ledger.submit(call('zl-p44', 'Put', { key: 'apart', value: 1 }));
        await other.submit(call('zl-p33', 'Put', { key: 'apart', value: 2 }));
        const get = (chaincode: string) =>
          ledger.evaluate(call(chaincode, 'Get', { key: 'apart' }));
        expect([
          parse(await get('zl')),
          parse(await get('zl-p44')),
          parse(await get('zl-p33')),
        ]).to.eql([0, 1, 2]);
      });

      it('does not show a contract its own writes', async () => {
        const { result } = await ledger.submit(call('zl', 'ReadYourWrite'));
        expect(parse(result)).to.equal(0);
      });

      it('deletes', async () => {
        await ledger.submit(call('zl', 'Put', { key: 'gone', value: 1 }));
        await ledger.submit(call('zl', 'Remove', { key: 'gone' }));
        expect(parse(await ledger.evaluate(call('zl', 'Get', { key: 'gone' })))).to.equal(0);
      });
    });

    describe('conflicts', () => {
      it('lets one of several read-modify-writes of a key commit at a time, and loses none', async () => {
        const add = () => ledger.submit(call('zl', 'Add', { key: 'contended', value: 1 }));
        const outcomes = await Promise.allSettled(Array.from({ length: 8 }, add));
        const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected')
            expect(codeOf(outcome.reason)).to.equal('MVCC_CONFLICT');
        }
        expect(done).to.be.within(1, 8);
        const held = parse(await ledger.evaluate(call('zl', 'Get', { key: 'contended' })));
        expect(held).to.equal(done);
      });

      it('never conflicts on different keys', async () => {
        const put = (_: unknown, i: number) =>
          ledger.submit(call('zl-p44', 'Add', { key: `free/${String(i)}`, value: 1 }));
        await Promise.all(Array.from({ length: 30 }, put));
        const range = { start: 'free/', end: 'free0' };
        const entries = parse(await ledger.evaluate(call('zl-p44', 'List', range)));
        expect(entries).to.have.length(30);
      });
    });

    describe('ranges', () => {
      it('reads keys in order, from the start on, before the end', async () => {
        for (const key of ['r/3', 'r/1', 'r/2', 'r0']) {
          await ledger.submit(call('zl', 'Put', { key, value: 1 }));
        }
        const range = { start: 'r/', end: 'r0' };
        const all = parse(await ledger.evaluate(call('zl', 'List', range)));
        expect(all).to.eql([
          ['r/1', '1'],
          ['r/2', '1'],
          ['r/3', '1'],
        ]);
        const two = parse(await ledger.evaluate(call('zl', 'List', { ...range, limit: 2 })));
        expect(two).to.eql([
          ['r/1', '1'],
          ['r/2', '1'],
        ]);
      });

      it('knows composite keys, which plain ranges pass over', async () => {
        for (const parts of [
          ['44', 'b'],
          ['44', 'a'],
          ['33', 'c'],
        ]) {
          await ledger.submit(call('zl', 'PutPair', { type: 'pair', parts }));
        }
        const pairs = call('zl', 'ListPairs', { type: 'pair', parts: ['44'] });
        expect(parse(await ledger.evaluate(pairs))).to.eql([
          ['44', 'a'],
          ['44', 'b'],
        ]);
        const all = parse(await ledger.evaluate(call('zl', 'List', { start: '', end: '' })));
        expect(JSON.stringify(all)).not.to.contain('pair');
      });

      it('writes what it summed when nothing came between', async () => {
        for (const key of ['s/1', 's/2']) await ledger.submit(call('zl', 'Put', { key, value: 4 }));
        await ledger.submit(call('zl', 'WriteSum', { start: 's/', end: 's0', into: 'sum' }));
        expect(parse(await ledger.evaluate(call('zl', 'Get', { key: 'sum' })))).to.equal(8);
      });
    });

    it('carries the event of a contract in its block', async () => {
      const from = await ledger.height();
      await ledger.submit(call('zl', 'Tell', { name: 'news', text: 'good' }));
      const [block] = await take(other, from, 1);
      const [{ event } = {}] = block?.transactions ?? [];
      expect([event?.name, Buffer.from(event?.payload ?? []).toString()]).to.eql(['news', 'good']);
    });

    describe('invokeChaincode', () => {
      it("reads the consortium's chaincode from an organisation's", async () => {
        await ledger.submit(call('zl', 'Put', { key: 'shared', value: 42 }));
        const ask = call('zl-p44', 'Ask', { chaincode: 'zl', name: 'Get', key: 'shared' });
        expect(parse((await ledger.submit(ask)).result)).to.equal(42);
      });

      it('passes the code of a refusal on', async () => {
        const ask = call('zl-p44', 'Ask', { chaincode: 'zl', name: 'Fail' });
        await refused(ledger.evaluate(ask), 'KEY_BURNED');
      });
    });

    describe('evaluate', () => {
      it("throws the contract's own code", async () => {
        await refused(ledger.evaluate(call('zl', 'Fail')), 'KEY_BURNED');
      });

      it('writes nothing', async () => {
        await ledger.evaluate(call('zl', 'Put', { key: 'asked-only', value: 1 }));
        expect(parse(await ledger.evaluate(call('zl', 'Get', { key: 'asked-only' })))).to.equal(0);
      });
    });

    describe('co-signed evaluate', () => {
      it('is an answer that a verifier with roots alone accepts', async () => {
        await ledger.submit(call('zl', 'Put', { key: 'public', value: 6 }));
        await everywhere('public', 6);
        const question = call('zl', 'Get', { key: 'public' });
        const answer = await ledger.evaluateCosigned(question);
        const { value, msps } = verify(answer, question, 3);
        expect(parse(value)).to.equal(6);
        expect([...msps].sort()).to.eql([...fixture.msps].sort());
        expect(answer.dissent).to.equal(undefined);
      });

      it('asks exactly the organisations named', async () => {
        const question = call('zl', 'Get', { key: 'public' });
        const answer = await ledger.evaluateCosigned(question, ['P33', 'REG']);
        expect([...verify(answer, question, 2).msps].sort()).to.eql(['P33', 'REG']);
        expect(() => verify(answer, question, 3)).to.throw('ANSWER_FEW');
      });

      it('is refused where it would write', async () => {
        const question = call('zl', 'Put', { key: 'x', value: 1 });
        const answer = await ledger.evaluateCosigned(question);
        expect(() => verify(answer, question, 2)).to.throw('ANSWER_WRITES');
      });

      it('holds a range of hundreds of keys', async () => {
        const put = (_: unknown, i: number) =>
          ledger.submit(call('zl', 'Put', { key: `many/${String(i).padStart(4, '0')}`, value: i }));
        await Promise.all(Array.from({ length: 200 }, put));
        await ledger.submit(call('zl', 'Put', { key: 'many-done', value: 1 }));
        await everywhere('many-done', 1);
        const question = call('zl', 'List', { start: 'many/', end: 'many0' });
        const answer = await ledger.evaluateCosigned(question);
        expect(parse(verify(answer, question, 3).value)).to.have.length(200);
      });

      it("throws the contract's own code when all refuse", async () => {
        await refused(ledger.evaluateCosigned(call('zl', 'Fail')), 'KEY_BURNED');
      });
    });

    describeBlocks(() => ({ ledger, other }));

    /** Organisations commit each in its own time: waits until all of them hold a value. */
    async function everywhere(key: string, value: number): Promise<void> {
      const end = Date.now() + 10_000;
      for (const msp of fixture.msps) {
        const get = async () => parse(await ledger.evaluate(call('zl', 'Get', { key }), msp));
        while ((await get()) !== value && Date.now() < end) await sleep(50);
        expect(await get(), msp).to.equal(value);
      }
    }

    function verify(
      answer: Awaited<ReturnType<Ledger['evaluateCosigned']>>,
      { chaincode, name: functionName, request }: Call,
      least: number,
    ) {
      const question = { channel: fixture.channel, chaincode, name: functionName, request };
      return verifyAnswer(answer, question, { roots: fixture.roots, least });
    }
  });
}
