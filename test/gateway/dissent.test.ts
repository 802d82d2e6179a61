// SPDX-License-Identifier: Apache-2.0
// An organisation that answers otherwise than the others: its signed word is kept, the trace names it, and a day of lies is told now and then.
import { expect } from 'chai';
import { utf8 } from '@zhenglian/core/bytes';
import { decodeAnswer, endorserMsp } from '@zhenglian/core/cosigned-answer';
import { createDissentKeeper } from '../../gateway/src/checking/keep-dissent.ts';
import { checkEntry } from '../../gateway/src/trace/trace-entry.ts';
import { serializeIdentity } from '../../network/identity.ts';
import type { TableChange } from '../../gateway/src/store/table.ts';
import type { TraceAct } from '../../gateway/src/trace/trace.ts';

const said = (msp: string, value: string) => ({
  payload: utf8(value),
  endorser: serializeIdentity(msp, 'pem'),
  signature: new Uint8Array(70),
});
const answer = (value: string) => {
  const { payload, ...endorsement } = said('P44', value);
  return { proposal: utf8('question'), payload, endorsements: [endorsement] };
};

describe('gateway: dissent', () => {
  function keeper(isFull = false) {
    const written: TableChange[] = [];
    const acts: TraceAct[] = [];
    const warned: string[] = [];
    const time = { now: 1000 };
    const silent = () => undefined;
    const keep = createDissentKeeper({
      store: {
        write: (changes) => {
          if (isFull) return Promise.reject(new Error('full'));
          written.push(...changes);
          return Promise.resolve();
        },
      },
      trace: {
        append: (...more) => {
          acts.push(...more);
          return Promise.resolve();
        },
      },
      clock: () => time.now,
      log: { info: silent, error: silent, warn: (event) => warned.push(event) },
    });
    return { keep, written, acts, warned, time };
  }

  it('keeps the signed answer, and names who gave it', async () => {
    const { keep, written, acts } = keeper();
    await keep({ ...answer('truth'), dissent: [said('P33', 'lie')] });
    const [kept] = written;
    const { dissent } = decodeAnswer(kept?.value ?? new Uint8Array(0));
    expect(dissent?.map(({ endorser }) => endorserMsp(endorser))).to.eql(['P33']);
    expect(acts.map(({ kind, outcome, detail }) => [kind, outcome, detail?.from])).to.eql([
      ['dissent', 'differs', 'P33'],
    ]);
    expect(kept?.key).to.equal(`dissent/${String(acts[0]?.detail?.request)}`);
    const [act] = acts;
    if (!act) throw new Error('no act');
    const { detail = {} } = act;
    checkEntry({ ...act, n: 0, at: 1, detail });
  });

  it('tells an organisation once in ten minutes, and an honest answer never', async () => {
    const { keep, acts, time } = keeper();
    await keep(answer('truth'));
    for (const at of [1000, 1001, 1599, 1600]) {
      time.now = at;
      await keep({ ...answer('truth'), dissent: [said('P33', `lie ${String(at)}`)] });
    }
    await keep({ ...answer('truth'), dissent: [said('P33', 'lie'), said('REG', 'lie')] });
    expect(acts.map(({ detail }) => detail?.from)).to.eql(['P33', 'P33', 'REG']);
  });

  it('a full disk keeps nobody from the answer', async () => {
    const { keep, acts, warned } = keeper(true);
    await keep({ ...answer('truth'), dissent: [said('P33', 'lie')] });
    expect([acts.length, warned.length]).to.eql([0, 1]);
  });
});
