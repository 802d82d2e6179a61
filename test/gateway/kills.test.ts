// SPDX-License-Identifier: Apache-2.0
// Kills with −9 at each named point of issuance (docs/issuance.md), and at random ones under load: a few here, 200 with
// `npm run test:soak`. When these come is drawn from a seed that the test's name tells; KILL_SEED draws the same again.
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { FaultPointName } from '../../gateway/src/fault-points.ts';
import { FAULT_POINTS } from '../../gateway/src/fault-points.ts';
import { readAnchored } from '../support/anchored-leaves.ts';
import { GUANGDONG } from './support.ts';
import { createVictim } from './victim.ts';
import type { Victim } from './victim.ts';

const LOAD = { lines: 12, singles: 4 };

describe('gateway: kills at named points', function () {
  this.timeout(300_000);
  let victim: Victim;
  before(async () => {
    victim = await createVictim();
  });
  after(() => victim.close());

  const die = async (fault: FaultPointName, times: number) => {
    const ask = victim.client.work(LOAD);
    const dying = await victim.start({ FAULT_POINT: `${fault}:${String(times)}` });
    const ended = once(dying.process, 'exit');
    await ask().catch(unlessCutOff); // it dies in the middle, or a moment after
    const [, signal] = (await ended) as [number | null, string | null];
    expect(signal, `no kill at ${fault}`).to.equal('SIGKILL');
    return ask;
  };

  for (const fault of FAULT_POINTS.filter((name) => name !== 'resigned')) {
    it(`at ${fault}`, async () => {
      // A lane is leased once: its points are met in a store of their own.
      if (fault.startsWith('lease-')) await victim.throwAway();
      // Placing is met twice at least: by the file, and by what is asked for one by one.
      await victim.settle(
        await die(fault, fault.includes('stored') && !fault.startsWith('batch-') ? 2 : 1),
      );
      await victim.stop();
    });
  }

  it('at resigned, after the key was burned', async () => {
    const ask = victim.client.work(LOAD);
    const dying = await victim.startReady({ BATCH_MS: '6000', FAULT_POINT: 'resigned' });
    await ask();
    const ended = once(dying.process, 'exit');
    const ledger = await victim.provinces.connect('P44');
    const kid = await victim.keyInUse();
    const chain = await readAnchored(ledger, GUANGDONG);
    const lastGood = new Map<number, number>();
    for (const place of chain.keys()) {
      const [epoch = 0, index = 0] = place.split('/').map(Number);
      lastGood.set(epoch, Math.max(index, lastGood.get(epoch) ?? 0));
    }
    const request = encodeCbor({ kid, lastGood });
    await ledger.submit({ chaincode: 'zl', name: 'BurnKey', request });
    const [, signal] = (await ended) as [number | null, string | null];
    expect(signal).to.equal('SIGKILL');
    await victim.settle(ask);
  });
});

describe('gateway: kills at random points', function () {
  const isSoak = process.env['SOAK'] === '1';
  const kills = isSoak ? 200 : 3;
  const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));
  this.timeout(kills * 120_000);
  let victim: Victim;
  before(async () => {
    victim = await createVictim();
  });
  after(() => victim.close());

  it(`loses and doubles nothing over ${String(kills)} of them, seed ${String(seed)}`, async () => {
    const asked: (() => Promise<void>)[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const { process: dying } = await victim.startReady();
      const ended = once(dying, 'exit');
      const ask = victim.client.work({ lines: isSoak ? 500 : 60, singles: 6 });
      asked.push(ask);
      const asking = ask().catch(unlessCutOff);
      await pause(1500 * fractionOf(`${String(seed)}/${String(kill)}`));
      dying.kill('SIGKILL');
      await Promise.all([asking, ended]);
    }
    await victim.settle(async () => {
      for (const ask of asked) await ask();
    });
  });
});

/** The connection broke, or nobody listens yet: the gateway is dead. Its own answers are never forgiven. */
function unlessCutOff(error: unknown): void {
  const isCutOff = error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);
  if (!isCutOff) throw error;
}

/** Of one, drawn from a seed. */
function fractionOf(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32;
}
