// SPDX-License-Identifier: Apache-2.0
// The folder of a network of real nodes, without Fabric: what is half written, another network's or somebody else's is told and not touched.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import {
  hostPort,
  keptBundles,
  openPackages,
  preparePackages,
} from '../../network/fabric/chaincode-hosts.ts';
import { parseKept } from '../../network/fabric/chaincode-keeper.ts';
import { readVersions, writeVersions } from '../../network/fabric/chaincode-versions.ts';
import { joinOrganisation } from '../../network/fabric/add-organisation.ts';
import { joinFromSnapshot } from '../../network/fabric/join-from-snapshot.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { bringUp, reset } from '../../network/fabric/network.ts';
import {
  abandonMaking,
  beginMaking,
  endMaking,
  isFounded,
  isStamped,
  requireWhole,
} from '../../network/fabric/network-folder.ts';
import { listProcesses } from '../../network/fabric/processes.ts';
import { readStatus } from '../../network/fabric/status.ts';
import { upgradeChaincodes } from '../../network/fabric/upgrade.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { printLogs } from '../../scripts/fabric-output.ts';
import { firstFreePort } from '../../scripts/free-ports.ts';
import { REGISTER_BUNDLES } from '../support/embedded-network.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { Layout } from '../../network/fabric/layout.ts';
import type { Programs } from '../../network/fabric/programs.ts';

/** Programs that must not be reached: nothing is run before the folder was looked at. */
const NONE = '/nonexistent/program';
const PROGRAMS: Programs = {
  paths: {
    ...{ peer: NONE, orderer: NONE, osnadmin: NONE },
    ...{ configtxgen: NONE, configtxlator: NONE, cryptogen: NONE },
  },
  configFolder: '/nonexistent',
  version: '3.1.5',
};

describe('fabric: the folder of a network', () => {
  let folder: string;
  let layout: Layout;
  let options: Parameters<typeof bringUp>[0];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian folder '));
    layout = layoutOf(folder, networkDefinition(readConsortium()), await firstFreePort());
    const progress = () => undefined;
    options = { layout, programs: PROGRAMS, bundles: REGISTER_BUNDLES, progress };
  });
  afterEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** A folder as a network that was made to its end leaves it. */
  function make(): void {
    beginMaking(layout);
    writeFileSync(layout.genesisBlock, 'block 0');
    for (const { folders } of layout.organisations) {
      const keys = [
        ...[folders.peer, folders.orderer, folders.chaincodeHost].map((node) =>
          join(node, 'tls', 'server.key'),
        ),
        ...[folders.administrator, folders.client].map((user) => join(user, 'tls', 'client.key')),
      ];
      for (const key of keys) {
        mkdirSync(dirname(key), { recursive: true });
        writeFileSync(key, 'key');
      }
    }
    preparePackages(layout, REGISTER_BUNDLES);
    endMaking(layout);
  }

  it('is founded when it was made to its end, and whole', () => {
    expect(isFounded(layout)).to.equal(false);
    make();
    expect(isFounded(layout)).to.equal(true);
    requireWhole(layout);
    expect(layout.organisations.every((each) => isStamped(each, 'peer'))).to.equal(true);
    expect(existsSync(join(folder, 'network.unfinished'))).to.equal(false);
  });

  it('START_FAILED: a folder with data of somebody else, which stay', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'theirs'), 'precious');
    expect(await bringUp(options).catch(String)).to.match(/START_FAILED.*data.*FABRIC_DIR/);
    await refused(reset(layout), 'START_FAILED');
    expect(readFileSync(join(folder, 'data', 'theirs'), 'utf8')).to.equal('precious');
    expect(readdirSync(folder)).to.eql(['data']);
  });

  it('an attempt that failed leaves nothing but logs, one that was cut off is made anew', async () => {
    await refused(bringUp(options), 'START_FAILED');
    expect(readdirSync(folder)).to.eql([]);
    beginMaking(layout);
    mkdirSync(layout.logsFolder);
    writeFileSync(join(layout.logsFolder, 'peer-P44.log'), 'why');
    abandonMaking(layout);
    expect(readdirSync(folder).sort()).to.eql(['logs', 'network.unfinished']);
    writeFileSync(join(folder, 'genesis.block'), 'half');
    beginMaking(layout);
    expect(existsSync(join(folder, 'genesis.block'))).to.equal(false);
    mkdirSync(join(folder, 'drill-gateways-abc', 'gateways'), { recursive: true }); // of a drill that failed
    await reset(layout);
    expect(readdirSync(folder)).to.eql([]);
  });

  it('START_FAILED: a network of other organisations or ports, and a marker that was cut off', () => {
    make();
    const { definition, firstPort } = layout;
    const three = { ...definition, organisations: definition.organisations.slice(1) };
    expect(() => isFounded(layoutOf(folder, definition, firstPort + 50))).to.throw(/ports/);
    expect(() => isFounded(layoutOf(folder, three, firstPort))).to.throw('START_FAILED');
    const marker = join(folder, 'network.json');
    writeFileSync(marker, readFileSync(marker, 'utf8').slice(0, 40));
    expect(() => isFounded(layout)).to.throw(/START_FAILED.*network\.json/);
  });

  it('START_FAILED: certificates, packages or bundles that are missing or cut off, each by its name', async () => {
    make();
    const [first] = layout.organisations;
    const key = join(first?.folders.orderer ?? '', 'tls', 'server.key');
    const package1 = join(layout.packagesFolder, 'zl_1.tar.gz');
    const bundle = join(layout.packagesFolder, 'province_1.cjs');
    const versions = join(layout.packagesFolder, 'versions.json');
    for (const [path, content] of [
      [key, undefined],
      [layout.genesisBlock, undefined],
      [layout.genesisBlock, 'block 0 of another network'],
      [package1, undefined],
      [package1, 'half'],
      [bundle, undefined],
      [bundle, 'exports.contracts = [];'],
      [versions, '{"serving":'],
    ] as const) {
      const kept = existsSync(path) ? readFileSync(path) : undefined;
      rmSync(path, { force: true });
      if (content !== undefined) writeFileSync(path, content);
      const said = String(await bringUp(options).catch(String));
      expect(said, path)
        .to.match(/START_FAILED/)
        .and.to.include(path);
      expect(listProcesses(layout)).to.eql([]);
      rmSync(path, { force: true });
      if (kept) writeFileSync(path, kept);
    }
  });

  it('PORT_IN_USE: any port of a process that does not run, before anything is started', async () => {
    make();
    const [first] = layout.organisations;
    if (!first) throw new Error('too few');
    const { peerOperations, ordererAdmin } = first.ports;
    for (const port of [hostPort(first, 'organisation', 1), peerOperations, ordererAdmin]) {
      const stranger = createServer().listen(port, '127.0.0.1');
      await new Promise((done) => stranger.once('listening', done));
      const said = String(await bringUp(options).catch(String));
      expect(said).to.match(new RegExp(`PORT_IN_USE: port ${String(port)}`));
      expect(listProcesses(layout)).to.eql([]);
      await new Promise((done) => stranger.close(done));
    }
  });

  it('START_FAILED: status and logs where there is no network, or half of one, with what to do', async () => {
    await refused(readStatus(PROGRAMS, layout), 'START_FAILED');
    expect(() => printLogs(layout)).to.throw(/START_FAILED: .*npm run fabric -- up/);
    make();
    const said = await readStatus(PROGRAMS, layout).then(() => 'accepted', String);
    expect(said).to.match(/START_FAILED: .*crypto.*cannot be read: restore/);
    mkdirSync(layout.logsFolder, { recursive: true });
    writeFileSync(join(layout.logsFolder, 'peer-P44.log'), 'words');
    for (const name of ['peer-P99', '../network']) {
      expect(() => printLogs(layout, name)).to.throw(/START_FAILED: .*name one of peer-P44/);
    }
  });

  it("START_FAILED: a keeper's file that is not whole", () => {
    const { definition, firstPort } = layout;
    const kept = { folder, definition, firstPort };
    const whole = JSON.stringify(kept);
    expect(parseKept(whole)).to.eql(JSON.parse(whole));
    for (const text of [
      '',
      whole.slice(0, 50),
      '[]',
      '{}',
      whole.replace('"channel":"', '"channel":"-'),
    ]) {
      expect(() => parseKept(text), text).to.throw('START_FAILED');
    }
  });

  it("START_FAILED: a node with another network's data, before anything is started", async () => {
    make();
    const [first, second] = layout.organisations;
    if (!first || !second) throw new Error('too few');
    const stamp = join(second.folders.peerData, 'genesis.sha256');
    writeFileSync(stamp, '00'.repeat(32));
    const said = await bringUp(options).catch(String);
    expect(said).to.match(/START_FAILED.*of another network/);
    expect(said).to.include(second.folders.peerData);
    // Data of another node of this network are this network's.
    cpSync(first.folders.peerData, second.folders.peerData, { recursive: true });
    requireWhole(layout);
    rmSync(second.folders.peerData, { recursive: true });
    expect(isStamped(second, 'peer')).to.equal(false);
    requireWhole(layout);
  });

  it('START_FAILED: contracts of another build, with what to do', async () => {
    make();
    const other = join(folder, 'other.cjs');
    writeFileSync(other, 'exports.contracts = [];');
    const bundles = { ...REGISTER_BUNDLES, organisation: other };
    expect(await bringUp({ ...options, bundles }).catch(String)).to.match(/upgrade-chaincode/);
  });

  it('keeps the bundle of every version, and serves none that its package does not promise', () => {
    make();
    const next = { consortium: 1, organisation: 2 };
    const other = join(folder, 'other.cjs');
    writeFileSync(other, 'exports.contracts = [];');
    expect(readVersions(layout)).to.eql({ serving: { consortium: 1, organisation: 1 } });
    const { consortium } = keptBundles(layout, next);
    const made = preparePackages(layout, { consortium, organisation: other }, next);
    expect(openPackages(layout, next)).to.eql(made);
    expect([made.consortium.label, made.organisation.label]).to.eql(['zl_1', 'province_2']);
    writeVersions(layout, { serving: { consortium: 1, organisation: 1 }, next });
    expect(readVersions(layout).next).to.eql(next);
    rmSync(other);
    expect(openPackages(layout, next).organisation.id).to.equal(made.organisation.id);
  });

  it('START_FAILED: changes to a network that is not there, LEDGER_UNAVAILABLE: to one that is not up', async () => {
    const candidate = { msp: 'P11', kind: 'province', prefix: '11' } as const;
    const named = { ...candidate, name: { zh: '北京市', en: 'Beijing' } };
    const snapshot = { ...options, msp: 'P51', wipe: true };
    const changes = [
      () => joinOrganisation(options, named),
      () => upgradeChaincodes(options),
      () => joinFromSnapshot(snapshot),
    ];
    for (const change of changes) {
      expect(await change().catch(String)).to.match(/START_FAILED.*there is no network.*up/);
    }
    expect(readdirSync(folder)).to.eql([]);
    make();
    const before = readdirSync(folder).sort();
    await refused(joinOrganisation(options, named), 'LEDGER_UNAVAILABLE');
    await refused(joinFromSnapshot(snapshot), 'LEDGER_UNAVAILABLE');
    await refused(joinFromSnapshot({ ...snapshot, msp: 'P99' }), 'START_FAILED');
    await refused(joinFromSnapshot({ ...snapshot, wipe: false }), 'START_FAILED');
    expect(readdirSync(folder).sort()).to.eql(before);
    writeVersions(layout, {
      serving: { consortium: 1, organisation: 1 },
      next: { consortium: 1, organisation: 2 },
    });
    expect(await joinOrganisation(options, named).catch(String)).to.match(
      /an upgrade is under way/,
    );
  });
});
