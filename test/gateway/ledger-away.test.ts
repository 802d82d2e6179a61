// SPDX-License-Identifier: Apache-2.0
// Hundreds of licences issued while the ledger is away: accepted, waiting, shown as pending where type and act allow it,
// and anchored once each, in order, when it is back.
import { expect } from 'chai';
import { anchorDueAt } from '@zhenglian/core/anchor';
import { dayAt } from '@zhenglian/core/days';
import { CodedError } from '@zhenglian/core/errors';
import type { Report } from '@zhenglian/core/report';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { AUDIT, COUNTER } from './call-app.ts';
import { failingLedger } from './failing-ledger.ts';
import { csvOf, peopleOf, send, untilState } from './imports/people-file.ts';
import { eventually, freshDriver, freshPerson, openTestGateway, PATIENT } from './support.ts';
import { anchored, startProvinces } from './support.ts';
import type { FailingLedger } from './failing-ledger.ts';
import type { TestGateway, TestProvinces } from './support.ts';

const PENDING = { ...DRIVING, pendingRelease: true } as const;
const PEOPLE = 400;
const SINGLES = 60;
const take = peopleOf('ledger-away', PEOPLE);

describe('gateway: the ledger away', function () {
  this.timeout(200_000);
  let provinces: TestProvinces;
  let ledger: FailingLedger;
  let under: TestGateway;
  const batches: string[] = [];

  before(async () => {
    provinces = await startProvinces([RESIDENT_ID, BUSINESS, PENDING]);
    ledger = failingLedger(await provinces.connect('P44'));
    under = await openTestGateway(provinces, { ledger });
    await anchored(under, await issue('resident-id', freshPerson()));
    await anchored(under, await issue('driving', freshDriver()));
    ledger.before = ({ name }) => {
      batches.push(name);
      return new CodedError('LEDGER_UNAVAILABLE', 'nobody answers');
    };
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const issue = async (type: string, fields: Readonly<Record<string, string>>) => {
    const { status, body } = await under.call('post', '/v1/licences', { body: { type, fields } });
    expect(status, JSON.stringify(body)).to.equal(202);
    return body.id as string;
  };
  const codeOf = (id: string) => under.call('get', `/v1/licences/${id}/code`, AUDIT);
  const check = async (text: string, act: string): Promise<Report> => {
    const body = { presentations: [text], act };
    const answer = await under.call('post', '/v1/verifications', { ...COUNTER, body });
    return (answer.body.reports as Report[])[0] as Report;
  };
  const anchorOf = ({ checks }: Report) => checks.find(({ name }) => name === 'anchor');

  it('takes hundreds, prints those whose type is released while it waits, and loses and doubles none', async () => {
    const { body: job } = await send(under, csvOf(take(PEOPLE)));
    const cards: string[] = [];
    const drivers: string[] = [];
    for (let n = 0; n < SINGLES; n += 1) {
      cards.push(await issue('resident-id', freshPerson()));
      drivers.push(await issue('driving', freshDriver()));
    }
    await eventually(async () => {
      const { body } = await under.call('get', `/v1/imports/${job.id as string}`);
      expect(body.accepted).to.equal(PEOPLE);
      expect(body.anchored).to.equal(0);
    });
    const [card = '', driver = ''] = [cards[0], drivers[0]];
    expect((await codeOf(card)).body.code).to.equal('NOT_ANCHORED');
    const { body: code } = await codeOf(driver);
    const dueAt = anchorDueAt(dayAt(Math.floor(Date.now() / 1000)));
    expect(code.anchorDueAt).to.equal(dueAt);
    const pending = await check(code.text as string, PATIENT);
    expect(pending.verdict, JSON.stringify(pending.checks)).to.equal('VALID');
    expect(anchorOf(pending)).to.deep.include({ reason: 'ANCHOR_PENDING', dueAt });
    const strict = await check(code.text as string, 'general');
    expect([strict.verdict, anchorOf(strict)?.reason]).to.eql([
      'UNDETERMINED',
      'ANCHOR_NOT_COVERED',
    ]);

    const refused = batches.filter((name) => name === 'SubmitBatch').length;
    batches.length = 0;
    ledger.before = ({ name }) => {
      batches.push(name);
      return undefined;
    };
    await untilState(under, job.id as string, 'done');
    for (const id of [...cards, ...drivers]) await anchored(under, id);
    // No storm: a lane asks for one batch at a time, again only after waits that grow, and each copy is in one batch.
    expect(refused).to.be.lessThan(60);
    expect(batches.filter((name) => name === 'SubmitBatch').length).to.be.at.most(12);
    const { body: after } = await codeOf(driver);
    expect([after.text, after.anchorDueAt]).to.eql([code.text, null]);
    expect(anchorOf(await check(after.text as string, 'general'))?.reason).to.equal(
      'ANCHOR_PROVEN',
    );
    const done = await untilState(under, job.id as string, 'done');
    expect([done.accepted, done.rejected, done.anchored]).to.eql([PEOPLE, 0, PEOPLE]);
  });
});
