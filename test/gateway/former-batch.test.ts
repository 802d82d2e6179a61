// SPDX-License-Identifier: Apache-2.0
// A batch whose fate nobody knew when its key's window ended: signed anew, and whichever the ledger has is what counts.
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import type { Call } from '@zhenglian/network/ledger';
import { failingLedger } from './failing-ledger.ts';
import type { FailingLedger } from './failing-ledger.ts';
import { anchored, eventually, freshDriver, openTestGateway, startProvinces } from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

/** A key registered so long ago ends within two minutes: too soon for a gateway to sign with it, in time for the ledger. */
const WINDOW = 5 * 366 * 86_400 - 230;

describe('gateway: a batch signed anew', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let ledger: FailingLedger;
  let under: TestGateway;
  let late: number;

  beforeEach(async () => {
    late = -WINDOW;
    provinces = await startProvinces();
    ledger = failingLedger(await provinces.connect('P44'));
    const clock = () => Math.floor(Date.now() / 1000) + late;
    under = await openTestGateway(provinces, { ledger, clock });
  });
  afterEach(async () => {
    await under.stop();
    await provinces.close();
  });

  const issue = async () => {
    const body = { type: 'driving', fields: freshDriver() };
    const { status, body: answer } = await under.call('post', '/v1/licences', { body });
    expect(status, JSON.stringify(answer)).to.equal(202);
    return answer.id as string;
  };
  const placeOf = async (id: string) => {
    const [copy] = await under.gateway.context.desk.copies(id);
    if (copy === undefined) throw new Error('the licence has no copy');
    return copy;
  };
  const kept = async () => {
    const keys: string[] = [];
    const { store } = under.gateway.context;
    for await (const { key } of store.range({ prefix: 'former/' })) keys.push(key);
    return keys;
  };

  /** Loses the first batch on its way and lets its key's window end; then `fate` decides, as the second one sets out. */
  const meetAgain = async (fate: (first: Call) => Promise<void>) => {
    let first: Call | undefined;
    ledger.before = async (call) => {
      if (call.name !== 'SubmitBatch') return undefined;
      if (first === undefined || late !== 0) {
        first ??= call;
        return new CodedError('COMMIT_UNKNOWN', 'lost');
      }
      ledger.before = () => undefined;
      expect(await kept()).to.have.length(1);
      await fate(first);
      return undefined;
    };
    const ids = [await issue(), await issue()];
    await eventually(() => {
      expect(first).to.not.equal(undefined);
      return Promise.resolve();
    });
    const before = await Promise.all(ids.map(placeOf));
    late = 0;
    for (const id of ids) await anchored(under, id);
    return { before, after: await Promise.all(ids.map(placeOf)) };
  };

  it('takes back what was signed first when that came into a block after all', async () => {
    const { before, after } = await meetAgain(async (first) => {
      await ledger.submit(first);
    });
    // The second one may have come after that batch was made.
    expect(after[0]?.place).to.deep.equal(before[0]?.place);
    expect(after[1]?.place.index).to.equal(before[1]?.place.index);
    expect(await kept()).to.deep.equal([]);
  });

  it('stands when what was signed first never came, and nothing of that is kept', async () => {
    const { before, after } = await meetAgain(() => Promise.resolve());
    const kids = [before, after].map((copies) => copies.map(({ place }) => toHex(place.kid)));
    expect(kids[0]?.[0]).to.not.equal(kids[1]?.[0]);
    expect(after.map(({ place }) => place.index)).to.deep.equal(
      before.map(({ place }) => place.index),
    );
    expect(await kept()).to.deep.equal([]);
  });
});
