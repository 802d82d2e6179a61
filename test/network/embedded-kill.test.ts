// SPDX-License-Identifier: Apache-2.0
// The real process, killed by SIGKILL inside commits at random points: what was acknowledged is there, chain and states agree.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { auditLedger } from '../../network/embedded/audit.ts';
import { spawnLedger } from '../../network/embedded/spawn-ledger.ts';
import {
  connectMember,
  DEFINITION,
  REGISTER_BUNDLES,
  temporaryFolder,
} from '../support/embedded-network.ts';
import { registerAnswer, registerCall } from '../support/register-calls.ts';
import type { Ledger } from '../../network/ledger.ts';

/** Kills for this long, and at least three times. */
const KILLING_MS = 15_000;
const LEAST_ROUNDS = 3;

describe('embedded ledger killed inside commits', function () {
  this.timeout(180_000);
  let dataDir: string;

  before(async () => {
    dataDir = await temporaryFolder();
  });
  after(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('loses no acknowledged transaction, and every state is the replay of the chain', async () => {
    const acknowledged: string[] = [];
    let inFlight = 0;
    const end = Date.now() + KILLING_MS;
    for (let round = 0; round < LEAST_ROUNDS || Date.now() < end; round++) {
      const ledger = await spawnLedger({
        dataDir,
        definition: DEFINITION,
        bundles: REGISTER_BUNDLES,
      });
      const client = await connectMember(dataDir, ledger.url, 'P44', { deadline: 10_000 });
      const exited = once(ledger.process, 'exit');
      let begin: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const writers = [0, 1, 2, 3].map((w) =>
        write(client, `k/${String(round)}/${String(w)}`, begin),
      );
      await Promise.race([begun, Promise.all(writers)]);
      await sleep(Math.random() * 700);
      ledger.process.kill('SIGKILL');
      await exited;
      await client.close();
      for (const { done, tried } of await Promise.all(writers)) {
        acknowledged.push(...done);
        inFlight += tried - done.length;
      }
      const audit = await auditLedger(
        dataDir,
        DEFINITION,
        join(dataDir, `replay-${String(round)}`),
      );
      for (const { msp, height, isReplayed } of audit.organisations) {
        expect(isReplayed, `${msp} at ${String(height)}`).to.equal(true);
        expect(height).to.be.within(audit.height - 1, audit.height);
      }
    }
    expect(acknowledged.length).to.be.greaterThan(LEAST_ROUNDS);
    expect(inFlight, 'some kill hit a transaction on its way').to.be.greaterThan(0);

    const ledger = await spawnLedger({
      dataDir,
      definition: DEFINITION,
      bundles: REGISTER_BUNDLES,
    });
    const client = await connectMember(dataDir, ledger.url, 'P44');
    for (const msp of ['P44', 'P33', 'REG']) {
      const list = registerCall('zl', 'List', { start: 'k/', end: 'k0' });
      const held = registerAnswer(await client.evaluate(list, msp)) as [string, string][];
      const keys = new Set(held.map(([key]) => key));
      expect(acknowledged.filter((key) => !keys.has(key))).to.eql([]);
    }
    await client.close();
    await ledger.stop();
    const audit = await auditLedger(dataDir, DEFINITION, join(dataDir, 'replay-last'));
    for (const one of audit.organisations) {
      expect(one).to.include({ height: audit.height, isReplayed: true });
    }
  });
});

/** Writes one key after the other until the ledger is gone; `began` is told of each that was acknowledged. */
async function write(
  client: Ledger,
  prefix: string,
  began: () => void,
): Promise<{ done: string[]; tried: number }> {
  const done: string[] = [];
  for (let tried = 1; ; tried++) {
    const key = `${prefix}/${String(tried).padStart(6, '0')}`;
    try {
      await client.submit(registerCall('zl', 'Put', { key, value: 1 }));
      done.push(key);
      began();
    } catch {
      return { done, tried };
    }
  }
}
