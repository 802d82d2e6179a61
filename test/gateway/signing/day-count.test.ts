// SPDX-License-Identifier: Apache-2.0
// A count by day under kills: a table stays, whoever counts in it does not.
import { expect } from 'chai';
import fc from 'fast-check';
import { gatewayError } from '../../../gateway/src/problem-codes.ts';
import { memoryTable } from '../../../gateway/src/replica/memory-table.ts';
import { createDayCount } from '../../../gateway/src/signing/day-count.ts';
import type { DayCount } from '../../../gateway/src/signing/day-count.ts';

const step = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 1, arbitrary: fc.constant('kill' as const) },
);

describe('gateway: signatures a day', () => {
  const take = (count: DayCount, of: number, limit: number, day = 20_000) =>
    count.take(day, [{ name: 'permit', count: of, limit }]);

  it('are never more than the limit, and a kill costs a hundredth of it at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 5000 }),
        async (steps, limit) => {
          const table = memoryTable();
          let count = createDayCount(table);
          let given = 0;
          let kills = 0;
          for (const each of steps) {
            if (each === 'kill') {
              count = createDayCount(table);
              kills += 1;
            } else if ((await take(count, each, limit)) === undefined) given += each;
          }
          expect(given).to.be.at.most(limit);
          // What is left can be had, one by one, but for the blocks that kills lost.
          while ((await take(count, 1, limit)) === undefined) given += 1;
          expect(given).to.be.at.most(limit);
          expect(given).to.be.at.least(limit - kills * Math.max(1, Math.floor(limit / 100)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are taken all or not at all, also of several permits, by many at once', async () => {
    const count = createDayCount(memoryTable());
    const both = (a: number, b: number) =>
      count.take(20_000, [
        { name: 'a', count: a, limit: 10 },
        { name: 'b', count: b, limit: 5 },
      ]);
    expect(await both(3, 6)).to.equal('b');
    expect(await both(10, 5)).to.equal(undefined);
    expect(await both(1, 0)).to.equal('a');
    const many = await Promise.all(Array.from({ length: 40 }, () => take(count, 1, 25)));
    expect(many.filter((exhausted) => exhausted === undefined)).to.have.length(25);
  });

  it('begin anew each day, and are there again when a clock is set back', async () => {
    const count = createDayCount(memoryTable());
    expect(await take(count, 5, 5)).to.equal(undefined);
    expect(await take(count, 5, 5, 20_001)).to.equal(undefined);
    expect(await take(count, 1, 5)).to.equal('permit');
    expect(await take(count, 1, 6)).to.equal(undefined);
  });

  it('writes seldom, and gives nothing that is not written', async () => {
    const table = memoryTable();
    let writes = 0;
    let isFull = false;
    const count = createDayCount({
      ...table,
      write(changes) {
        if (isFull) return Promise.reject(gatewayError('STORAGE_FULL', 'as the test wants it'));
        if (changes.length > 0) writes += 1;
        return table.write(changes);
      },
    });
    for (let i = 0; i < 1000; i += 1) await take(count, 1, 100_000);
    expect(writes).to.equal(1);
    isFull = true;
    const refused: unknown = await take(count, 1, 100_000).catch((error: unknown) => error);
    expect(String(refused)).to.include('STORAGE_FULL');
    isFull = false;
    expect(await take(count, 99_000, 100_000)).to.equal(undefined);
    expect(await take(count, 1, 100_000)).to.equal('permit');
  });
});
