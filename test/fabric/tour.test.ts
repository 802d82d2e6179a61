// SPDX-License-Identifier: Apache-2.0
// The tour's processes on real Fabric nodes: the same gateways, told another ledger. Import, check in another province, revoke, check again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { createDemoClient } from '../../scripts/demo-client.ts';
import { firstFreePort } from '../../scripts/free-ports.ts';
import { runNetwork } from '../../scripts/running-network.ts';
import { generateSamples } from '../../scripts/samples.ts';
import { startFabricTour } from '../../scripts/tour-ledger.ts';
import { testPrograms } from '../support/fabric-network.ts';
import type { DemoClient } from '../../scripts/demo-client.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';

const DRIVERS = 30;

describe('fabric: the tour', function () {
  this.timeout(600_000);
  let folder: string;
  let network: RunningNetwork;
  let officer: DemoClient;
  const samples = generateSamples('fabric', { people: DRIVERS, businesses: 1, drivers: DRIVERS });
  const driving = samples.find(({ name }) => name === 'driving.csv')?.text ?? '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian fabric tour '));
    network = await runNetwork({
      dataDir: folder,
      progress: () => undefined,
      startLedger: startFabricTour(await testPrograms(), await firstFreePort()),
    });
    officer = createDemoClient(urlOf('P44'), tokenOf('P44', 'officer'));
  });
  after(async () => {
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('DATA_DIR_LOCKED: a second start on the same data, which leaves the first as it is', async () => {
    const startLedger = startFabricTour(await testPrograms(), await firstFreePort());
    const second = { dataDir: folder, progress: () => undefined, startLedger };
    const codes = await Promise.all(
      [second, second].map((options) => runNetwork(options).catch((error: unknown) => error)),
    );
    expect(codes.map((error) => isCodedError(error, 'DATA_DIR_LOCKED'))).to.eql([true, true]);
    const answers = await Promise.all(
      network.tour.services.map(({ url }) => fetch(`${url}/readyz`)),
    );
    expect(answers.map(({ status }) => status)).to.eql([200, 200, 200]);
  });

  it('imports licences and anchors every one of them', async () => {
    const job = await officer.importCsv('driving', driving);
    expect([job.accepted, job.total]).to.eql([DRIVERS, DRIVERS]);
  });

  it('another province finds a licence valid, and revoked once it is', async () => {
    const number = /\d{17}[\dX]/.exec(driving)?.[0] ?? '';
    const id = await officer.find('driving', number);
    const printed = await officer.printedCode(id, 'full');
    expect(await verdictAt('P33', printed)).to.equal('VALID');
    await officer.setStatus(id, 'revoked');
    // The other province's replica has the block a moment later.
    while ((await verdictAt('P33', printed)) === 'VALID') await sleep(100);
    expect(await verdictAt('P33', printed)).to.equal('REVOKED');
  });

  function urlOf(service: string): string {
    return network.tour.services.find((s) => s.name === service)?.url ?? '';
  }

  function tokenOf(service: string, role: string): string {
    const found = network.tour.tokens.find((t) => t.service === service && t.role === role);
    return found?.token ?? '';
  }

  async function verdictAt(service: string, presentation: string): Promise<string> {
    const response = await fetch(`${urlOf(service)}/v1/verifications`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf(service, 'clerk')}`,
        'content-type': 'application/json',
        'purpose-code': 'counter-service',
      },
      body: JSON.stringify({ presentations: [presentation], act: 'general' }),
    });
    const answer = (await response.json()) as { reports?: { verdict: string }[] };
    return answer.reports?.[0]?.verdict ?? JSON.stringify(answer);
  }
});
