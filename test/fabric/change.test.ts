// SPDX-License-Identifier: Apache-2.0
// A network that changes while licences are anchored: contracts upgraded, a peer joined from a snapshot, a fifth province added; each of them
// interrupted and gone on with, nothing lost. One network, in this order.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { encodeCbor } from '@zhenglian/core/cbor';
import { connectFabric } from '../../gateway/src/fabric-ledger.ts';
import { ensureFounded } from '../../network/found.ts';
import { BUNDLES } from '../../network/bundles.ts';
import { openLayout, readAdded } from '../../network/fabric/added-organisations.ts';
import { joinFromSnapshot } from '../../network/fabric/join-from-snapshot.ts';
import { readFounders, readMember } from '../../network/fabric/members.ts';
import { bringDown, bringUp, reset } from '../../network/fabric/network.ts';
import { killProcess, listProcesses } from '../../network/fabric/processes.ts';
import { readStatus } from '../../network/fabric/status.ts';
import { upgradeChaincodes } from '../../network/fabric/upgrade.ts';
import { accredit, FOUNDING_TYPES } from '../../scripts/accredit.ts';
import { readConsortium } from '../../scripts/consortium.ts';
import { DrillLine } from '../../scripts/drills/line.ts';
import { addOrganisation } from '../../scripts/fabric-add-organisation.ts';
import { openFabricNetwork } from '../support/fabric-network.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { BundlePaths } from '../../network/bundles.ts';
import type { Layout } from '../../network/fabric/layout.ts';
import type { Ledger } from '../../network/ledger.ts';
import type { FabricTestNetwork } from '../support/fabric-network.ts';

const FILE = readConsortium();
const BATCHES = 3;
const NAMES = ['zl', 'zl-p33', 'zl-p44', 'zl-p51', 'zl-reg'];

describe('fabric: a network that changes', function () {
  this.timeout(600_000);
  let network: FabricTestNetwork;
  let layout: Layout;
  let networkId: Uint8Array;
  let bundles: BundlePaths = BUNDLES;
  let folder: string;
  const open: Ledger[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian bundles '));
    network = await openFabricNetwork(BUNDLES);
    layout = network.layout;
    const voters = await Promise.all(network.msps.map((msp) => connect(msp, 'administrator')));
    const [first] = voters;
    if (!first) throw new Error('nobody votes');
    networkId = await ensureFounded(first, layout.definition, readFounders(layout));
    await accredit(FILE, FOUNDING_TYPES, voters);
  });
  after(async () => {
    await closeAll();
    await reset(openLayout(layout.folder, layout.definition, layout.firstPort));
    await network.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function connect(msp: string, role: 'administrator' | 'client' = 'client') {
    const ledger = await connectFabric(readMember(layout, msp, role));
    open.push(ledger);
    return ledger;
  }
  async function closeAll() {
    await Promise.all(open.splice(0).map((ledger) => ledger.close()));
  }
  async function startLine(msp: string): Promise<DrillLine> {
    const candidates = FILE.fabric.candidates.flatMap((each) => each.authorities);
    const { uscc = '', types = [] } =
      [...FILE.authorities, ...candidates].find((each) => each.msp === msp) ?? {};
    const [type = ''] = types;
    return DrillLine.start({ ledger: await connect(msp), networkId, uscc, type });
  }
  async function endLine(line: DrillLine, least: number) {
    await line.await(1);
    const result = await line.end(await connect('REG'));
    expect(result).to.include({ lost: 0, strange: 0 });
    expect(result.accepted).to.be.greaterThan(least);
  }
  /** Contracts of another build: the same code in other bytes. */
  function build(kinds: readonly (keyof BundlePaths)[], mark: string): BundlePaths {
    const rebuild = (kind: keyof BundlePaths) => {
      if (!kinds.includes(kind)) return bundles[kind];
      const path = join(folder, `${kind}-${mark}.cjs`);
      writeFileSync(path, `${readFileSync(bundles[kind], 'utf8')}\n// ${mark}\n`);
      return path;
    };
    return { consortium: rebuild('consortium'), organisation: rebuild('organisation') };
  }
  /** Options whose progress is cut off at a line, as a killed command would be. */
  const options = (cutAt?: string) => ({
    layout,
    programs: network.programs,
    progress: (line: string) => {
      if (cutAt !== undefined && line.includes(cutAt)) throw new Error(`cut off at: ${line}`);
    },
  });
  const status = () => readStatus(network.programs, layout);
  const definitions = async () => {
    const { chaincodes } = await status();
    return Object.fromEntries(
      chaincodes.map(({ name, version, sequence }) => [name, `${version}/${String(sequence)}`]),
    );
  };
  const hosts = () =>
    listProcesses(layout).filter(({ name, alive }) => alive && name.startsWith('host-'));

  it('tells what to do with contracts of another build, and upgrades while licences are anchored', async () => {
    const line = await startLine('P44');
    bundles = build(['organisation'], 'second build');
    for (const isRunning of [true, false]) {
      if (!isRunning) await bringDown(layout);
      const before = listProcesses(layout);
      const told = await bringUp({ ...options(), bundles }).catch(String);
      expect(told).to.match(/START_FAILED.*upgrade-chaincode/);
      expect(listProcesses(layout)).to.eql(before);
    }
    const cut = upgradeChaincodes({ ...options('zl-p33 to version'), bundles });
    expect(await cut.catch(String)).to.match(/cut off/);
    expect(hosts()).to.have.length(12); // both versions of the one package, one of the other
    await line.await(BATCHES);
    const { from, to } = await upgradeChaincodes({ ...options(), bundles });
    expect([from, to]).to.eql([
      { consortium: 1, organisation: 1 },
      { consortium: 1, organisation: 2 },
    ]);
    expect(hosts().map(({ name }) => name)).to.include('host-P44-province_2');
    expect(hosts()).to.have.length(8);
    await line.await(BATCHES);
    await endLine(line, 2 * BATCHES);
    expect(await definitions()).to.eql(
      Object.fromEntries(NAMES.map((name) => [name, name === 'zl' ? '1/1' : '2/2'])),
    );
    await bringUp({ ...options(), bundles });
    expect((await upgradeChaincodes({ ...options(), bundles })).names).to.eql([]);
  });

  it('upgrades by a majority while a peer cannot run, and finishes that one later', async () => {
    const line = await startLine('P44');
    bundles = build(['consortium'], 'build without P51');
    const upgrade = { ...options(), bundles };
    await refused(upgradeChaincodes({ ...upgrade, without: 'P99' }), 'START_FAILED');
    await killProcess(layout, 'peer-P51');
    const first = await upgradeChaincodes({ ...upgrade, without: 'P51' });
    expect(first).to.deep.include({ names: ['zl'], finished: [], behind: ['P51'] });
    expect(await definitions()).to.include({ zl: '2/2', 'zl-p44': '2/2' });
    expect(listProcesses(layout).find(({ name }) => name === 'peer-P51')?.alive).to.equal(false);
    expect((await status()).behind).to.eql(['P51']);
    await line.await(BATCHES);
    const later = await upgradeChaincodes(upgrade);
    expect(later).to.deep.include({ names: [], finished: ['P51'], behind: [] });
    expect((await status()).behind).to.eql([]);
    const question = { chaincode: 'zl', name: 'TrustBundle', request: encodeCbor({}) };
    const answer = await (await connect('P33')).evaluateCosigned(question, ['P51', 'REG']);
    expect(answer.endorsements).to.have.length(2);
    await endLine(line, BATCHES);
  });

  it('says how to go on without a peer that dies meanwhile', async () => {
    const upgrade = { ...options(), bundles: build(['consortium'], 'a build that waits') };
    const killed = upgradeChaincodes({
      ...upgrade,
      progress: (line) => {
        if (line.startsWith('zl to version')) process.kill(pidOf('peer-P51'), 'SIGKILL');
      },
    });
    expect(await killed.catch(String)).to.match(/--without P51/);
    ({ bundles } = upgrade);
    const { names, behind } = await upgradeChaincodes(upgrade);
    expect([names, behind]).to.eql([['zl'], []]);
  });

  function pidOf(name: string): number {
    const pid = listProcesses(layout).find((each) => each.name === name)?.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  it('joins a peer from a snapshot that two organisations made alike', async () => {
    const line = await startLine('P44');
    const join = { ...options(), msp: 'P51' };
    await refused(joinFromSnapshot({ ...join, wipe: false }), 'START_FAILED');
    const { sources, block, height } = await joinFromSnapshot({ ...join, wipe: true });
    expect(sources).to.eql(['P44', 'P33']);
    expect(height).to.be.greaterThan(block);
    const peers = (await status()).nodes.filter(({ name }) => name.startsWith('peer-'));
    expect(peers.map(({ name, firstBlock }) => [name, firstBlock])).to.eql([
      ...['P44', 'P33'].map((msp) => [`peer-${msp}`, 0]),
      ...[['peer-P51', block + 1]],
      ...[['peer-REG', 0]],
    ]);
    const call = { chaincode: 'zl', name: 'TrustBundle', request: encodeCbor({}) };
    const { endorsements } = await (await connect('P33')).evaluateCosigned(call, ['P51', 'REG']);
    expect(endorsements).to.have.length(2);
    await endLine(line, BATCHES);
    expect(snapshotsLeft()).to.eql([]);
  });

  function snapshotsLeft(): string[] {
    return layout.organisations.flatMap(({ folders }) => {
      const completed = join(folders.peerData, 'snapshots', 'completed', layout.definition.channel);
      return existsSync(completed) ? readdirSync(completed) : [];
    });
  }

  it('refuses an organisation that nobody named, and begins with all nodes only', async () => {
    const add = { ...options(), file: FILE };
    await refused(addOrganisation({ ...add, msp: 'P99' }), 'START_FAILED');
    await killProcess(layout, 'orderer-P51');
    await refused(addOrganisation({ ...add, msp: 'P11' }), 'LEDGER_UNAVAILABLE');
    expect(readAdded(layout.folder)).to.eql([]);
    await bringUp({ ...options(), bundles });
    const cut = addOrganisation({ ...add, ...options('into the channel'), msp: 'P11' });
    expect(await cut.catch(String)).to.match(/cut off/);
    expect(readAdded(layout.folder)).to.eql([]);
    expect(existsSync(join(layout.folder, 'data', 'P11'))).to.equal(false);
    expect(readdirSync(join(layout.folder, 'crypto', 'peerOrganizations'))).not.to.include(
      'p11.test',
    );
  });

  it('adds a fifth province, which issues', async () => {
    const line = await startLine('P44');
    const add = { ...options(), file: FILE, msp: 'P11' };
    const cut = addOrganisation({ ...add, ...options('becomes a consenter') });
    expect(await cut.catch(String)).to.match(/cut off/);
    expect((await status()).joining).to.eql(['P11']);
    await line.await(BATCHES);
    layout = await addOrganisation(add);
    expect(openLayout(layout.folder, layout.definition, layout.firstPort)).to.eql(layout);
    expect((await addOrganisation({ ...add, layout })).organisations).to.have.length(5);
    await endLine(line, BATCHES);
    const own = await startLine('P11');
    await killProcess(layout, 'orderer-P44');
    await own.await(BATCHES);
    await bringUp({ ...options(), bundles });
    await own.await(BATCHES);
    await endLine(own, 2 * BATCHES);
    expect(await definitions()).to.include({ 'zl-p11': '2/1', 'zl-p44': '2/2' });
  });

  it('is up again with five, all contracts of another build, and gone after a reset', async () => {
    await closeAll();
    await bringDown(layout);
    bundles = build(['consortium', 'organisation'], 'third build');
    const { names } = await upgradeChaincodes({ ...options(), bundles });
    expect([...names].sort()).to.eql([...NAMES, 'zl-p11'].sort());
    expect(hosts()).to.have.length(10);
    const line = await startLine('P11');
    await line.await(BATCHES);
    await endLine(line, BATCHES);
    for (;;) {
      // Peers apply the last block each in its own time; metrics of an orderer come late.
      const { leader, nodes, joining } = await status();
      expect(joining).to.eql([]);
      for (const { certificateUntil } of nodes) {
        expect(Date.parse(certificateUntil)).to.be.greaterThan(Date.now());
      }
      expect(nodes).to.have.length(20);
      const level = nodes.filter(({ lag, diskBytes = 0 }) => lag === 0 && diskBytes > 0);
      if (level.length === 10 && layout.organisations.some(({ msp }) => msp === leader)) break;
      await sleep(200);
    }
    await reset(layout);
    expect(readdirSync(layout.folder)).to.eql([]);
  });
});
