// SPDX-License-Identifier: Apache-2.0
// The whole network as processes: a fourth licence type that is only data goes through every room.
// That nobody is found in what they store: privacy.test.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FOUNDING_TYPES } from '../../scripts/accredit.ts';
import { readConsortium } from '../../scripts/consortium.ts';
import { createDemoClient } from '../../scripts/demo-client.ts';
import type { DemoClient } from '../../scripts/demo-client.ts';
import { runWallet } from '../../scripts/demo-commands.ts';
import { runNetwork } from '../../scripts/running-network.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { generateSamples } from '../../scripts/samples.ts';
import { HOUSEHOLD_REGISTER } from '../support/household-register.ts';

const REGISTRY = '11440000MADEMQ127C';

describe('the whole line, as processes', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl-e2e-'));
  let network: RunningNetwork;
  let officer: DemoClient;
  const opened: (() => Promise<void>)[] = [];

  before(async () => {
    const file = readConsortium();
    const registry = {
      uscc: REGISTRY,
      msp: 'P44',
      name: { zh: '户籍', en: 'Registry' },
      types: ['household-register'],
      divisions: ['44'],
    };
    network = await runNetwork({
      dataDir: folder,
      progress: () => undefined,
      consortium: { ...file, authorities: [...file.authorities, registry] },
      types: [...FOUNDING_TYPES, HOUSEHOLD_REGISTER],
    });
    opened.push(() => network.stop());
    officer = createDemoClient(urlOf('P44'), tokenOf('P44', 'officer'));
  });
  after(async () => {
    for (const close of opened.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a fourth type from a vote to a verdict in another province', async () => {
    const [, row = ''] = (
      generateSamples('e2e', { people: 1, businesses: 1, drivers: 1 })[0]?.text ?? ''
    ).split('\n');
    const number = /\d{17}[\dX]/.exec(row)?.[0] ?? '';
    const fields = {
      headName: '户主测试人',
      headNumber: number,
      householdKind: '1',
      members: '成员一 成员二',
      issuedOn: '2026-01-01',
    };
    const id = await mint('household-register', fields);
    const printed = await officer.printedCode(id, 'full');
    expect(await verdictAt('P33', printed)).to.equal('VALID');
    const wallet = join(folder, 'wallet');
    await runWallet(wallet, ['init']);
    const { code } = await officer.claimCode(id);
    await runWallet(wallet, [
      'claim',
      code,
      '--gateway',
      urlOf('P44'),
      '--fingerprint',
      network.tour.fingerprint,
    ]);
    const shown = await runWallet(wallet, [
      'present',
      'household-register',
      '--set',
      'full',
      '--text',
    ]);
    expect(await verdictAt('P33', shown)).to.equal('VALID');
    await officer.setStatus(id, 'revoked');
    expect(await verdictAt('P33', printed)).to.equal('REVOKED');
  });

  function urlOf(service: string): string {
    return network.tour.services.find((s) => s.name === service)?.url ?? '';
  }

  function tokenOf(service: string, role: string): string {
    const found = network.tour.tokens.find((t) => t.service === service && t.role === role);
    return found?.token ?? '';
  }

  async function post(
    service: string,
    role: string,
    route: string,
    body: unknown,
  ): Promise<unknown> {
    const response = await fetch(`${urlOf(service)}/v1/${route}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf(service, role)}`,
        'content-type': 'application/json',
        'purpose-code': 'counter-service',
      },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    expect(response.ok, JSON.stringify(answer)).to.equal(true);
    return answer;
  }

  async function mint(type: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const { id } = (await post('P44', 'officer', 'licences', { type, fields })) as { id: string };
    for (let i = 0; i < 100; i++) {
      const ready = await officer.printedCode(id, 'full').then(
        () => true,
        () => false,
      );
      if (ready) return id;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('not anchored in ten seconds');
  }

  async function verdictAt(service: string, presentation: string): Promise<string> {
    const answer = await post(service, 'clerk', 'verifications', {
      presentations: [presentation],
      act: 'general',
    });
    return (answer as { reports: { verdict: string }[] }).reports[0]?.verdict ?? '';
  }
});
