// SPDX-License-Identifier: Apache-2.0
// What the benchmark of the ledgers measures with is the real line: run small on the embedded engine, where no program of Fabric is needed.
import { expect } from 'chai';
import { BUNDLES } from '../../network/bundles.ts';
import { bench } from '../../scripts/bench/fabric.ts';
import { anchorEpochs, openDesk, prepareEpochs } from '../../scripts/bench/parts/anchor-load.ts';
import { startOneProcess } from '../../scripts/bench/parts/ledger-engines.ts';
import {
  askCosigned,
  askRecord,
  catchUp,
  manyAtOnce,
  recordBytes,
  stallOfLeader,
  timeRevocations,
} from '../../scripts/bench/parts/ledger-rates.ts';
import type { AnchorDesk } from '../../scripts/bench/parts/anchor-load.ts';
import type { LedgerEngine } from '../../scripts/bench/parts/ledger-engines.ts';

const SIZE = 20;
const LICENCES = 240;

describe('scripts/bench fabric', function () {
  this.timeout(120_000);
  let engine: LedgerEngine;
  let desk: AnchorDesk;

  before(async () => {
    engine = await startOneProcess(BUNDLES);
    desk = await openDesk(engine);
  });
  after(async () => {
    await desk.ledger.close();
    await engine.stop();
  });

  it('anchors every prepared licence once, epochs side by side', async () => {
    const epochs = [
      ...(await prepareEpochs(desk, SIZE, LICENCES / 2)),
      ...(await prepareEpochs(desk, SIZE, LICENCES / 2)),
    ];
    expect(epochs).to.have.length(2);
    const commits = await anchorEpochs(desk, epochs, 2);
    expect(commits.reduce((sum, { licences }) => sum + licences, 0)).to.equal(LICENCES);
    expect(commits.every(({ took }) => took > 0)).to.equal(true);
    const [first] = epochs;
    if (!first) throw new Error('no epoch');
    expect(await recordBytes(desk, first)).to.be.within(100, 1000);
    expect(await timeRevocations(desk, first, 3)).to.have.length(3);
    const asked = await manyAtOnce(() => askRecord(desk, first), { at: 2, seconds: 0.2 });
    const cosigned = await manyAtOnce(() => askCosigned(desk, first), { at: 2, seconds: 0.2 });
    expect(asked.rate).to.be.greaterThan(0);
    expect(cosigned.took.length).to.be.greaterThan(0);
  });

  it('a replica reads all blocks again', async () => {
    const { blocks, seconds } = await catchUp(desk);
    expect(blocks).to.equal(await desk.ledger.height());
    expect(seconds).to.be.greaterThan(0);
    expect(engine.blockBytes()).to.be.greaterThan(0);
  });

  it('has no leader to kill where one process orders, and refuses options it does not know', async () => {
    const failed = (promise: Promise<unknown>) =>
      promise.then(
        () => false,
        () => true,
      );
    expect(await failed(stallOfLeader(engine, desk, []))).to.equal(true);
    for (const args of [['--count', '5'], ['--lanes', 'x'], ['--unknown']]) {
      expect(await failed(bench({ args })), args.join(' ')).to.equal(true);
    }
  });
});
