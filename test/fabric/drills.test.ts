// SPDX-License-Identifier: Apache-2.0
// Short drills: nodes killed, a chaincode that lies, while licences are anchored; nothing accepted is lost, nothing is there twice, all heads agree. And `up`, `status`
// and `down` of a network: the same again, a port in use, other bundles, nothing left running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BUNDLES } from '../../network/bundles.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { bringUp } from '../../network/fabric/network.ts';
import { isFounded } from '../../network/fabric/network-folder.ts';
import { listProcesses } from '../../network/fabric/processes.ts';
import { readStatus } from '../../network/fabric/status.ts';
import { findChromium } from '../../scripts/chromium.ts';
import { readConsortium } from '../../scripts/consortium.ts';
import { runDrill } from '../../scripts/drills/run-drill.ts';
import { REGISTER_BUNDLES } from '../support/embedded-network.ts';
import { openFabricNetwork } from '../support/fabric-network.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { FabricTestNetwork } from '../support/fabric-network.ts';

/** Hosts, peers and orderers of four organisations, and the keeper. */
const PROCESSES = 17;
const COMMAND = fileURLToPath(new URL('../../scripts/fabric.ts', import.meta.url));
const SHORT_DRILLS = ['orderer', 'host', 'wiped-orderer', 'liar', 'held'];
/** With their gateways as the command runs them, minutes each: with SLOW=1, and by hand (docs/operations.md §4). */
const LONG_DRILLS = ['leader', 'two-orderers', 'all', 'peer'];
/** Gateways stand in them as the command has them; in `liar`, minutes on a busy machine, with SLOW=1. */
const WITH_DESK = process.env['SLOW'] === '1' ? [...LONG_DRILLS, 'liar'] : LONG_DRILLS;
/** What a drill must have shown; without a Chromium it says that nothing was checked in a browser. */
const SAID: Readonly<Record<string, readonly RegExp[]>> = {
  liar: [
    /trace of the gateway of P44 names P33.*; the signed answer is in its store/,
    findChromium() === undefined
      ? /NOT checked in a browser/
      : /checked in a browser: REVOKED; .* P33 .* signed: this licence is neither suspended nor revoked/,
    /every printed document's leaf is there: lost 0.*\n.* 1 of 1 REVOKED/,
  ],
  peer: [/[1-9]\d* of them while it was away/],
};
/** Seconds that a node stays down: enough to be missed. */
const SHORT = 3;

describe('fabric: drills', function () {
  this.timeout(900_000);
  let network: FabricTestNetwork;

  before(async () => {
    network = await openFabricNetwork(BUNDLES);
  });
  after(() => network.close());

  for (const name of process.env['SLOW'] === '1'
    ? [...SHORT_DRILLS, ...LONG_DRILLS]
    : SHORT_DRILLS) {
    it(`${name}: loses nothing`, async () => {
      const { layout, programs } = network;
      const progress = () => undefined;
      const file = readConsortium();
      const desk = WITH_DESK.includes(name) ? {} : ({ withoutDesk: true } as const);
      const parts = { layout, programs, bundles: BUNDLES, progress, file, seconds: SHORT, ...desk };
      const report = await runDrill(name, parts);
      expect(report, JSON.stringify(report)).to.include({
        passed: true,
        lost: 0,
        strange: 0,
        headsAgree: true,
      });
      expect(report.accepted).to.be.greaterThan(10);
      for (const words of (WITH_DESK.includes(name) ? SAID[name] : undefined) ?? [])
        expect(report.said.join('\n')).to.match(words);
    });
  }

  it('interrupted: the liar is ended, the real processes are up again, exit code 130', async () => {
    const { layout } = network;
    const env = {
      ...process.env,
      FABRIC_DIR: layout.folder,
      FABRIC_PORT: String(layout.firstPort),
    };
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', COMMAND, 'drill', 'liar', '--without-desk'],
      {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    const ended = once(child, 'exit');
    const standIns = () => listProcesses(layout).filter(({ standsIn }) => standsIn);
    while (standIns().length === 0) {
      expect(child.exitCode, said).to.equal(null);
      await sleep(50);
    }
    child.kill('SIGINT');
    expect((await ended)[0], said).to.equal(130);
    expect(said).to.match(/ended what a drill left behind: host-P33-province/);
    expect(standIns()).to.eql([]);
    expect(listProcesses(layout).filter(({ alive }) => alive)).to.have.length(PROCESSES);
    expect(existsSync(join(layout.folder, 'command.lock'))).to.equal(false);
  });

  it('tells every node, the leader and all definitions', async () => {
    const { layout, programs, msps } = network;
    const status = await readStatus(programs, layout);
    const names = msps.flatMap((msp) => [
      ...[`orderer-${msp}`, `peer-${msp}`],
      ...[`host-${msp}-zl`, `host-${msp}-province`],
    ]);
    expect(status.nodes.map(({ name }) => name)).to.eql(names);
    for (const { name, height, lag, diskBytes = 0, certificateUntil } of status.nodes) {
      expect(Date.parse(certificateUntil), name).to.be.greaterThan(Date.now());
      if (name.startsWith('host-')) continue;
      expect([height, lag], name).to.eql([status.height, 0]);
      expect(diskBytes, name).to.be.greaterThan(0);
    }
    expect(msps).to.include(status.leader);
    expect(status.chaincodes.map(({ name }) => name).sort()).to.eql(
      ['zl', 'zl-p33', 'zl-p44', 'zl-p51', 'zl-reg'].sort(),
    );
    expect(status.processes.filter(({ alive }) => alive)).to.have.length(PROCESSES);
  });

  it('is up once, however often it is brought up', async () => {
    const pids = () => listProcesses(network.layout).filter(({ name }) => name !== 'keeper');
    const before = pids();
    await network.up();
    expect(pids()).to.eql(before);
  });

  it('refuses other bundles, another network in the same folder, and a port in use', async () => {
    const { layout, programs } = network;
    const progress = () => undefined;
    await network.down();
    const other = { layout, programs, bundles: REGISTER_BUNDLES, progress };
    await refused(bringUp(other), 'START_FAILED');
    expect(() => isFounded(layoutOf(layout.folder, layout.definition, 11_000))).to.throw(
      'START_FAILED',
    );
    const server = createServer().listen(layout.firstPort, '127.0.0.1');
    await refused(bringUp({ ...other, bundles: BUNDLES }), 'PORT_IN_USE');
    await new Promise((done) => server.close(done));
    expect(listProcesses(layout)).to.eql([]);
  });
});
