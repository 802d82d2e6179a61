// SPDX-License-Identifier: Apache-2.0
// Each organisation has a state of its own: one that was altered on disk is found out, one that is broken stands alone.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { endorserMsp, verifyAnswer } from '@zhenglian/core/cosigned-answer';
import { auditLedger } from '../../network/embedded/audit.ts';
import { openDatabase } from '../../network/embedded/database.ts';
import { organisationFolder } from '../../network/embedded/identities.ts';
import { refused } from '../support/ledger-outcomes.ts';
import { DEFINITION, openTestNetwork, readRoots } from '../support/embedded-network.ts';
import { registerAnswer, registerCall } from '../support/register-calls.ts';
import type { TestNetwork } from '../support/embedded-network.ts';

describe('embedded ledger: organisations apart', () => {
  let network: TestNetwork;

  beforeEach(async () => {
    network = await openTestNetwork();
    const ledger = await network.connect('P44');
    for (const chaincode of ['zl', 'zl-p33']) {
      await ledger.submit(registerCall(chaincode, 'Put', { key: 'fact', value: 5 }));
    }
    await network.stop();
  });
  afterEach(async () => {
    await network.close();
  });

  /** Writes another value under the same version into one organisation's database. */
  async function alter(msp: string): Promise<void> {
    const database = await openDatabase(join(organisationFolder(network.dataDir, msp), 'state'));
    for (const key of ['zl\0fact', 'zl-p33\0fact']) {
      const stored = await database.get(key);
      expect(Buffer.from(stored.slice(8)).toString()).to.equal('5');
      await database.put(key, Uint8Array.from([...stored.slice(0, 8), ...Buffer.from('6')]));
    }
    await database.close();
  }

  async function reopen(): Promise<void> {
    network = await openTestNetwork(network.dataDir);
  }

  it('an altered state is named as dissent and cannot outvote the others', async () => {
    await alter('P33');
    await reopen();
    const ledger = await network.connect('P44');
    const call = registerCall('zl', 'Get', { key: 'fact' });
    const answer = await ledger.evaluateCosigned(call);
    expect(answer.dissent?.map(({ endorser }) => endorserMsp(endorser))).to.eql(['P33']);
    const roots = await readRoots(network.dataDir);
    const question = { channel: DEFINITION.channel, ...call };
    const { value, msps } = verifyAnswer(answer, question, { roots, least: 2 });
    expect(registerAnswer(value)).to.equal(5);
    expect(msps).to.have.members(['P44', 'REG']);
    const [dissent] = answer.dissent ?? [];
    if (!dissent) throw new Error('no dissent');
    // The lie is signed: evidence that its own organisation said so, and too little to be believed.
    const lie = { proposal: answer.proposal, payload: dissent.payload, endorsements: [dissent] };
    expect(registerAnswer(verifyAnswer(lie, question, { roots, least: 1 }).value)).to.equal(6);
    expect(() => verifyAnswer(lie, question, { roots, least: 2 })).to.throw('ANSWER_FEW');
    const mixed = { ...answer, endorsements: [...answer.endorsements, dissent] };
    expect(() => verifyAnswer(mixed, question, { roots, least: 2 })).to.throw('ANSWER_SIGNATURE');
  });

  it('an altered owner cannot have its own chaincode written', async () => {
    await alter('P33');
    await reopen();
    const ledger = await network.connect('P33');
    const add = registerCall('zl-p33', 'Add', { key: 'fact', value: 1 });
    await refused(ledger.submit(add), 'ENDORSEMENT_MISMATCH');
  });

  it('a majority goes on without the altered one, and the audit names it', async () => {
    await alter('P33');
    await reopen();
    const ledger = await network.connect('P44');
    const sum = await ledger.submit(registerCall('zl', 'Add', { key: 'fact', value: 1 }));
    expect(registerAnswer(sum.result)).to.equal(6);
    await network.stop();
    const audit = await auditLedger(network.dataDir, DEFINITION, join(network.dataDir, 'replay'));
    const honest = audit.organisations.filter(({ isReplayed }) => isReplayed).map(({ msp }) => msp);
    expect(honest).to.eql(['P44', 'REG']);
  });

  it('a broken state takes one peer down; the others go on and serve in its place', async () => {
    const folder = join(organisationFolder(network.dataDir, 'P33'), 'state');
    await rm(folder, { recursive: true });
    await writeFile(folder, 'not a database');
    await reopen();
    const ledger = await network.connect('P44');
    expect(network.process.status().find(({ msp }) => msp === 'P33')?.failure).to.be.a('string');
    await ledger.submit(registerCall('zl', 'Put', { key: 'without', value: 3 }));
    const get = registerCall('zl', 'Get', { key: 'without' });
    expect(registerAnswer(await ledger.evaluate(get))).to.equal(3);
    await refused(ledger.evaluate(get, 'P33'), 'LEDGER_UNAVAILABLE');
    const owned = registerCall('zl-p33', 'Put', { key: 'x', value: 1 });
    await refused(ledger.submit(owned), 'LEDGER_UNAVAILABLE');
  });

  it('a lost state is built again from the chain', async () => {
    await rm(join(organisationFolder(network.dataDir, 'REG'), 'state'), { recursive: true });
    await reopen();
    const ledger = await network.connect('REG');
    const answer = await ledger.evaluateCosigned(registerCall('zl', 'Get', { key: 'fact' }));
    expect(answer.endorsements).to.have.length(3);
  });
});
