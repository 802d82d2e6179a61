// SPDX-License-Identifier: Apache-2.0
// PostgreSQL ends and comes back under two instances that issue at the same time, in good order and by kill −9: a few
// times here, 40 with `npm run test:soak`. And one file that is sent more than once at the same time.
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { createVictim } from './victim.ts';
import type { Victim } from './victim.ts';

const isSoak = process.env['SOAK'] === '1';
const ROUNDS = isSoak ? 40 : 2;

const LINES = isSoak ? 3000 : 60;

describe('gateway: two instances whose PostgreSQL goes away', function () {
  this.timeout(ROUNDS * 120_000);
  let server: TestPostgres | undefined;
  let victim: Victim | undefined;
  let one: Victim;
  before(async function () {
    server = await startPostgres(this);
    one = victim = await createVictim({ databaseUrl: await server.createDatabase() });
    await one.startReady({}, 0);
    await one.startReady({}, 1);
  });
  after(async () => {
    await victim?.close();
    await server?.stop();
  });

  it(`lose and double nothing, ${String(ROUNDS)} times`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const loads = [60, 60, 0, 0].map((lines) =>
        one.client.work({ lines, singles: isSoak ? 40 : 8 }),
      );
      const asking = Promise.all(loads.map((ask) => ask()));
      await pause(randomInt(600));
      await server?.restart(round % 2 === 0 ? 'fast' : 'kill');
      await asking;
      // Asked again under the same keys, of the other instance too, they have the same answers.
      await Promise.all(loads.map((ask) => ask()));
    }
    await one.check();
  });

  it('issue each line of a file once that is sent to both at the same time', async () => {
    for (const gateways of [
      [0, 0],
      [0, 1],
      [0, 1, 0, 1],
    ]) {
      const done = await one.client.sendAtOnce(LINES, gateways);
      const accepted = done.reduce((sum, { accepted: count }) => sum + count, 0);
      expect(accepted, `sent to ${gateways.join()}`).to.equal(LINES);
      const reasons = done.flatMap(({ errors }) => errors.map(({ reason }) => reason));
      expect(new Set(reasons)).to.deep.equal(new Set(['licence-exists']));
    }
    await one.check();
  });
});

describe('gateway: one file sent more than once at the same time', function () {
  this.timeout(120_000);
  let victim: Victim;
  before(async () => {
    victim = await createVictim();
    await victim.startReady();
  });
  after(() => victim.close());

  it('is issued once, line by line', async () => {
    const done = await victim.client.sendAtOnce(LINES, [0, 0, 0]);
    expect(done.map(({ total }) => total)).to.deep.equal([LINES, LINES, LINES]);
    expect(done.reduce((sum, each) => sum + each.accepted, 0)).to.equal(LINES);
    await victim.check();
  });

  it('is one import under one key', async () => {
    const ask = victim.client.work({ lines: LINES, singles: 2 });
    await Promise.all([ask(), ask(), ask()]);
    await victim.check();
  });
});
