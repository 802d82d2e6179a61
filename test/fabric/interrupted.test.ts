// SPDX-License-Identifier: Apache-2.0
// Commands that are told to stop (Ctrl-C, SIGTERM): each ends what it has started, and only that, says what stays, and ends with 130 or 143.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BUNDLES } from '../../network/bundles.ts';
import { readAdded } from '../../network/fabric/added-organisations.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { bringDown, bringUp, reset } from '../../network/fabric/network.ts';
import { killProcess, listProcesses } from '../../network/fabric/processes.ts';
import { readStatus } from '../../network/fabric/status.ts';
import { upgradeChaincodes } from '../../network/fabric/upgrade.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { firstFreePort } from '../../scripts/free-ports.ts';
import { testPrograms } from '../support/fabric-network.ts';
import type { Layout } from '../../network/fabric/layout.ts';

/** Hosts, peers and orderers of four organisations, and the keeper. */
const PROCESSES = 17;
const COMMAND = fileURLToPath(new URL('../../scripts/fabric.ts', import.meta.url));

describe('fabric: interrupted commands', function () {
  this.timeout(300_000);
  let folder: string;
  let layout: Layout;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian interrupted '));
    const first = await firstFreePort();
    layout = layoutOf(join(folder, 'network'), networkDefinition(readConsortium()), first);
  });
  after(async () => {
    await reset(layout);
    rmSync(folder, { recursive: true, force: true });
  });

  const alive = () =>
    Object.fromEntries(
      listProcesses(layout).flatMap(({ name, pid, alive }) => (alive ? [[name, pid]] : [])),
    );
  const up = async () =>
    bringUp({
      ...{ layout, programs: await testPrograms(), bundles: BUNDLES },
      progress: () => undefined,
    });

  /** Runs a command, and sends it a signal when it is so far. */
  async function interrupt(
    args: readonly string[],
    signal: 'SIGINT' | 'SIGTERM',
    isFar: (said: string) => boolean,
  ) {
    const env = {
      ...process.env,
      FABRIC_DIR: layout.folder,
      FABRIC_PORT: String(layout.firstPort),
    };
    const child = spawn(process.execPath, ['--import', 'tsx', COMMAND, ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    const ended = once(child, 'close');
    while (!isFar(said)) {
      expect(child.exitCode, said).to.equal(null);
      await sleep(20);
    }
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    expect(existsSync(join(layout.folder, 'command.lock'))).to.equal(false);
    return { code, said };
  }

  it('up, while it makes a network: no process, no network, and the next up makes it', async () => {
    const { code, said } = await interrupt(['up'], 'SIGINT', () => Object.keys(alive()).length > 4);
    expect(code, said).to.equal(130);
    expect(said).to.match(/interrupted: ending what was started.*\ninterrupted: /);
    expect(alive()).to.eql({});
    expect(existsSync(join(layout.folder, 'network.json'))).to.equal(false);
    expect(existsSync(join(layout.folder, 'crypto'))).to.equal(false);
    await up();
    expect(Object.keys(alive())).to.have.length(PROCESSES);
  });

  it('up, while it starts what does not run: what ran goes on', async () => {
    for (const name of ['keeper', 'peer-P51', 'host-P51-zl']) await killProcess(layout, name);
    const before = alive();
    expect(Object.keys(before)).to.have.length(PROCESSES - 3);
    const { code, said } = await interrupt(['up'], 'SIGTERM', () => 'peer-P51' in alive());
    expect(code, said).to.equal(143);
    expect(alive()).to.eql(before);
    await up();
  });

  it('join-from-snapshot: its peer is ended, nobody else; the next up brings it back', async () => {
    const { 'peer-P51': old, ...others } = alive();
    const args = ['join-from-snapshot', 'P51', '--wipe'];
    const isFar = () => (alive()['peer-P51'] ?? old) !== old;
    const { code, said } = await interrupt(args, 'SIGINT', isFar);
    expect(code, said).to.equal(130);
    expect(said).to.match(/peer-P51 is ended; the same command, or up, starts it/);
    expect(alive()).to.eql(others);
    await up();
    expect(Object.keys(alive())).to.have.length(PROCESSES);
    const programs = await testPrograms();
    const isLevel = async () => {
      const { nodes } = await readStatus(programs, layout);
      return nodes.find(({ name }) => name === 'peer-P51')?.lag === 0;
    };
    while (!(await isLevel())) await sleep(200);
  });

  it('upgrade-chaincode of a running network: hosts of the new version stay, and it says so; a stopped one is stopped again', async () => {
    const organisation = join(folder, 'other.cjs');
    writeFileSync(organisation, `${readFileSync(BUNDLES.organisation, 'utf8')}\n// other\n`);
    const bundles = { ...BUNDLES, organisation };
    const programs = await testPrograms();
    const upgrade = async (cutAt: string) => {
      const stop = new AbortController();
      const told: string[] = [];
      const progress = (line: string) => {
        told.push(line);
        if (line.startsWith(cutAt)) stop.abort(new Error('told to stop'));
      };
      const cut = { ...layout, signal: stop.signal };
      const result = await upgradeChaincodes({ layout: cut, programs, bundles, progress }).catch(
        String,
      );
      return { result, told: told.join('\n') };
    };
    const { keeper, ...before } = alive();
    const running = await upgrade('zl-p33 to version');
    expect(running.result).to.equal('Error: told to stop');
    expect(running.told).to.match(/host-P44-province_2, .* stay.*\n.*goes on where it stopped/);
    const { keeper: other, ...after } = alive();
    expect(after).to.include(before);
    expect(Object.keys(after).filter((name) => !(name in before))).to.have.length(4);
    expect(other, String(keeper)).to.be.a('number');
    await bringDown(layout);
    expect((await upgrade('starting hosts of the new')).result).to.equal('Error: told to stop');
    expect(alive()).to.eql({});
    const whole = await upgrade('nothing is cut');
    expect(whole.result).to.deep.include({ to: { consortium: 1, organisation: 2 } });
  });

  it('add-org: nothing is left before the channel knows it; after that its nodes stay, and it says so', async () => {
    const before = alive();
    const isKnown = () => readAdded(layout.folder).length > 0;
    const early = await interrupt(['add-org', 'P11'], 'SIGTERM', isKnown);
    expect(early.code, early.said).to.equal(143);
    expect([readAdded(layout.folder), alive()]).to.eql([[], before]);
    expect(existsSync(join(layout.folder, 'data', 'P11'))).to.equal(false);
    const isStarted = () => 'orderer-P11' in alive();
    const late = await interrupt(['add-org', 'P11'], 'SIGINT', isStarted);
    expect(late.code, late.said).to.equal(130);
    expect(late.said).to.match(/P11 is in the channel already: .* stay, add-org P11 goes on/);
    expect(alive()).to.include(before);
    expect(alive()).to.have.property('orderer-P11');
    expect(readAdded(layout.folder).map(({ msp, joined }) => [msp, joined])).to.eql([
      ['P11', false],
    ]);
  });
});
