// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { receiveImport } from '../../../gateway/src/imports/receive-import.ts';
import { beginJob } from '../../../gateway/src/imports/start-import.ts';
import { openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';
import { untilState } from './people-file.ts';

const LINES = 1_000_000;
const HEADER = 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo';

/** `npm run test:soak`: reads and checks a file of 10^6 lines and looks at the heap on the way. */
describe('gateway: memory of an import', function () {
  this.timeout(7_200_000);
  let provinces: TestProvinces;
  let under: TestGateway;

  before(async function () {
    if (process.env['SOAK'] !== '1') return this.skip();
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
  });
  after(async () => {
    if (process.env['SOAK'] !== '1') return;
    await under.stop();
    await provinces.close();
  });

  it('is flat however many lines there are', async () => {
    const collect = garbageCollector();
    const heaps: number[] = [];
    const { context } = under.gateway;
    const type = context.desk.typeOf('resident-id');
    const order = { type, actor: 'officer-1', dryRun: true, twoOfficers: false };
    const lines = Array.from({ length: 500 }, (_, i) => `王${String(i)},1,01,1990-01-01,x,1,2,3\n`);
    const piece = Buffer.from(lines.join(''));
    const body = async function* () {
      yield Buffer.from(`${HEADER}\n`);
      for (let sent = 0; sent < LINES; sent += lines.length) {
        yield await Promise.resolve(piece);
        if (sent % 50_000 === 0) heaps.push(collect());
      }
    };
    const form = { format: 'csv' } as const;
    const stream = { type, form, body: body(), maxBytes: 1 << 30 };
    const received = await receiveImport(context, beginJob(context, order), stream);
    await received.accept([]);
    context.imports.notify();
    const { id: job } = received.job;
    for (let n = 0; n < 5; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      heaps.push(collect());
    }
    const checked = await untilState(under, job, 'checked', 3_600_000);
    expect([checked.total, checked.rejected]).to.deep.equal([LINES, LINES]);
    heaps.push(collect());
    expect(Math.max(...heaps) - Math.min(...heaps), heaps.join(' ')).to.be.below(48 << 20);
  });
});

/** Collects what is garbage and tells the bytes that are left. */
function garbageCollector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return () => {
    if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
    return process.memoryUsage().heapUsed;
  };
}
