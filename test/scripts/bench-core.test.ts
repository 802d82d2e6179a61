// SPDX-License-Identifier: Apache-2.0
// Rates: which figures there are and of what shape; how a list of measurements is summed up. Never how fast.
import { expect } from 'chai';
import { bench } from '../../scripts/bench/core.ts';
import { median, quantile } from '../../scripts/bench/parts/quantiles.ts';
import { measureRates } from '../../scripts/bench/parts/rates.ts';

describe('scripts/bench core', () => {
  it('tells of signatures, minting, showing, verifying and parsing', async () => {
    const { rows } = await bench({ args: ['--seconds', '0.01', '--no-peers'] });
    expect(rows.map((row) => row.figure)).to.eql([
      'SM2 sign',
      'SM2 verify',
      'mint',
      'show by phone',
      'verify',
      'verify by phone',
      'parse',
    ]);
    for (const row of rows) {
      expect(row.unit).to.equal('/s');
      expect(row.value).to.be.greaterThan(0);
      expect(row.peers).to.eql({});
      expect(row.ratio).to.equal(null);
    }
  });

  it('measures others in turns with ours, promises included, and gives a ratio to the one named', async () => {
    const order: string[] = [];
    const note = (name: string) => () => {
      if (order.at(-1) !== name) order.push(name);
    };
    const peers = { slow: async () => note('slow')(), other: note('other') };
    const contest = { figure: 'f', ours: note('ours'), peers, ratioTo: 'slow' };
    const [row, ...rest] = await measureRates([contest], 0.01);
    expect(rest).to.eql([]);
    expect(Object.keys(row?.peers ?? {})).to.eql(['slow', 'other']);
    expect(row?.ratio).to.be.greaterThan(0);
    expect(order.filter((name) => name === 'ours').length).to.be.greaterThan(3);
  });

  it('finds quantiles by nearest rank, and the middle', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0.5, 0.95, 1].map((share) => quantile(values, share))).to.eql([3, 5, 5]);
    expect(quantile([7], 0.5)).to.equal(7);
    expect(median(values)).to.equal(3);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(() => quantile([], 0.5)).to.throw(RangeError);
  });
});
