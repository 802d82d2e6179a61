// SPDX-License-Identifier: Apache-2.0
// Blocks of running nodes: believed for the orderers' signatures, read on when peers die or lie, audited from an export.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectFabric } from '../../gateway/src/fabric-ledger.ts';
import { readMember } from '../../network/fabric/members.ts';
import { killProcess } from '../../network/fabric/processes.ts';
import { startForgingPeer } from '../../scripts/drills/forging-peer.ts';
import { audit } from '../../scripts/fabric-audit.ts';
import { registerNetwork } from '../support/fabric-register.ts';
import { registerCall as call } from '../support/register-calls.ts';
import { take } from '../support/ledger-outcomes.ts';
import type { Forgery } from '../../scripts/drills/forging-peer.ts';
import type { PeerLeft } from '../../gateway/src/blocks/block-source.ts';
import type { Block, Ledger } from '../../network/ledger.ts';
import type { FabricTestNetwork } from '../support/fabric-network.ts';

describe('fabric: blocks', function () {
  this.timeout(600_000);
  let network: FabricTestNetwork;
  let writer: Ledger;
  let folder: string;
  let written = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian fabric blocks '));
    network = await registerNetwork();
    writer = await network.connect('P51');
    await write(3);
  });
  after(async () => {
    await writer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Blocks by transactions that two organisations other than P44 and P33 can endorse. */
  async function write(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      written += 1;
      await writer.submit(call('zl-p51', 'Put', { key: `block-${written}`, value: written }));
    }
  }

  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it('a new process that goes on where an old one stood reads the same blocks', async () => {
    const reader = await network.connect('P44');
    const height = await reader.height();
    const all = await take(reader, 0, height);
    await reader.close();
    for (const from of [1, Math.floor(height / 2), height - 1]) {
      const again = await network.connect('P33');
      expect(await take(again, from, height - from)).to.eql(all.slice(from));
      await again.close();
    }
  });

  it('blocks of another channel are refused, whoever shows them', async () => {
    const member = { ...readMember(network.layout, 'P44'), genesisHash: new Uint8Array(32) };
    const reader = await connectFabric(member);
    for (const from of [0, 3]) {
      const result = await take(reader, from, 1).catch((error: unknown) => error);
      expect(result).to.have.property('code', 'BLOCK_INVALID');
    }
    await reader.close();
  });

  it('reading goes on at another organisation when the own peer is killed', async () => {
    const left: PeerLeft[] = [];
    const member = readMember(network.layout, 'P44');
    const reader = await connectFabric({ ...member, report: (each) => left.push(each) });
    const stop = new AbortController();
    const from = await reader.height();
    const read: Block[] = [];
    const reading = (async () => {
      for await (const block of reader.blocks(from, stop.signal)) read.push(block);
    })();
    await write(2);
    await until(() => read.length >= 2);
    await killProcess(network.layout, 'peer-P44');
    await write(3);
    await until(() => read.length >= 5);
    expect(await reader.height()).to.be.at.least(from + 5);
    expect(read.map(({ number }) => number)).to.eql(read.map((_, i) => from + i));
    expect(left.map(({ msp, isLiar }) => [msp, isLiar])).to.deep.include(['P44', false]);
    stop.abort();
    await reading;
    await reader.close();
    await network.up();
  });

  for (const how of ['flags', 'data', 'signatures', 'hidden'] as const satisfies Forgery[]) {
    it(`a peer that forges ${how} is found out and left, and nothing of it is read`, async () => {
      const member = readMember(network.layout, 'P44');
      const liar = await startForgingPeer(network.layout, 'P44', member);
      const peers = member.peers.map((peer) => (peer.msp === 'P44' ? liar.peer : peer));
      const left: PeerLeft[] = [];
      const reader = await connectFabric({ ...member, peers, report: (each) => left.push(each) });
      const stop = new AbortController();
      const from = await reader.height();
      const read: Block[] = [];
      const reading = (async () => {
        for await (const block of reader.blocks(from, stop.signal)) read.push(block);
      })();
      await write(2);
      await until(() => read.length >= 2);
      expect(left.filter(({ isLiar }) => isLiar)).to.eql([]);
      liar.lie(how);
      await write(3);
      await until(() => read.length >= 5);
      stop.abort();
      await reading;
      expect(liar.forged).to.be.at.least(1);
      const named = left.filter(({ isLiar }) => isLiar === (how !== 'hidden'));
      expect(named.map(({ msp }) => msp)).to.include('P44');
      expect(read).to.eql(await take(writer, from, read.length));
      await reader.close();
      liar.close();
    });
  }

  it('the audit passes on a running peer, and on what it exported', async () => {
    const { layout } = network;
    const progress = () => undefined;
    const running = await audit({ layout, from: 'P33', export: folder, progress });
    expect(running.confirmed).to.equal(true);
    expect(Object.values(running.others)).to.eql(['same', 'same', 'same']);
    expect(running.height).to.be.at.least(await writer.height());
    const exported = await audit({ layout, blocks: folder, progress });
    expect(exported.commitHash).to.eql(running.commitHash);
    expect(exported.signatures).to.equal(running.signatures).and.to.be.greaterThan(0);
  });
});
