// SPDX-License-Identifier: Apache-2.0
// Where blocks come from: recorded real ones, shown by peers that fail, lag, hide and lie.
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { agreedHeight } from '../../gateway/src/blocks/peer-heights.ts';
import { BlockSource } from '../../gateway/src/blocks/block-source.ts';
import { holdBlocks } from '../../gateway/src/blocks/held-blocks.ts';
import { openStanding } from '../../gateway/src/blocks/peer-standing.ts';
import { beforeFirst, followBlock } from '../../network/fabric/block-checker.ts';
import { fakePeers } from '../support/fake-peers.ts';
import {
  flip,
  forge,
  forgeFlags,
  RECORDED_PIN,
  recordedBlocks,
} from '../support/recorded-blocks.ts';
import type { PeerLeft } from '../../gateway/src/blocks/block-source.ts';
import type { Block } from '../../network/ledger.ts';

const blocks = recordedBlocks();
const MSPS = ['P44', 'P33', 'P51', 'REG'];

describe('the source of blocks', function () {
  this.timeout(60_000);

  function open(msps: readonly string[] = MSPS) {
    const { peers, of } = fakePeers(msps, blocks);
    const left: PeerLeft[] = [];
    const source = new BlockSource({
      ...{ peers, pin: RECORDED_PIN, patience: 50 },
      report: (each) => left.push(each),
    });
    const liars = () => left.filter(({ isLiar }) => isLiar).map(({ msp }) => msp);
    return { source, of, left, liars };
  }

  async function take(
    source: BlockSource,
    from: number,
    count: number,
    onBlock?: (b: Block) => void,
  ) {
    const stop = new AbortController();
    const taken: Block[] = [];
    for await (const block of source.blocks(from, stop.signal)) {
      taken.push(block);
      onBlock?.(block);
      if (taken.length === count) stop.abort();
    }
    return taken;
  }
  const numbers = (taken: readonly Block[]) => taken.map(({ number }) => number);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const code = (taken: readonly Block[], number: number) =>
    taken.find((block) => block.number === number)?.transactions[0]?.code;

  it('gives every block once and in order, from any height on', async () => {
    const { source, left } = open();
    expect(numbers(await take(source, 0, 24))).to.eql(range(0, 24));
    expect(await source.height()).to.equal(24);
    expect(numbers(await take(open().source, 0, 10))).to.eql(range(0, 10)); // no more after an abort
    for (const from of [1, 14, 20, 23]) {
      const again = await take(open().source, from, 24 - from);
      expect(numbers(again)).to.eql(range(from, 24));
    }
    expect(left).to.eql([]);
  });

  it('releases nothing that one organisation alone shows, and all of it when another does', async () => {
    const { source, of } = open();
    for (const msp of ['P33', 'P51', 'REG']) of(msp).down = true;
    const stop = new AbortController();
    const taken: Block[] = [];
    const reading = (async () => {
      for await (const block of source.blocks(0, stop.signal)) {
        taken.push(block);
        if (taken.length === 24) stop.abort();
      }
    })();
    await until(() => of('P33').streams >= 2);
    expect(taken.filter(({ number }) => number > 0)).to.eql([]); // block 0 is pinned
    of('REG').down = false;
    await reading;
    expect(numbers(taken)).to.eql(range(0, 24));
  });

  it('a peer whose flags and commit hashes are forged to fit is found out, named and left', async () => {
    const { source, of, liars } = open();
    of('P44').blocks = forgeFlags(blocks, 14, 0);
    const taken = await take(source, 0, 24);
    expect(numbers(taken)).to.eql(range(0, 24));
    expect(code(taken, 14)).to.equal(10);
    expect(liars()).to.eql(['P44']);
    const streams = of('P44').streams;
    await take(source, 10, 5);
    expect(of('P44').streams).to.equal(streams);
  });

  it('so is one that forges only later what it showed before', async () => {
    const { source, of, liars } = open();
    of('P44').height = 16;
    const taken = await take(source, 0, 24, ({ number }) => {
      if (number !== 15) return;
      of('P44').blocks = forgeFlags(blocks, 16, 0);
      of('P44').height = 24;
    });
    expect(numbers(taken)).to.eql(range(0, 24));
    expect(code(taken, 16)).to.equal(11);
    expect(liars()).to.eql(['P44']);
  });

  it('one that alters data or drops signatures is left at that block', async () => {
    const { source, of, liars, left } = open();
    of('P44').blocks = blocks.with(
      9,
      forge(blocks[9] ?? new Uint8Array(0), (d) => flip(d.envelopes[0], 500)),
    );
    of('P33').blocks = blocks.with(
      17,
      forge(blocks[17] ?? new Uint8Array(0), (d) => d.signatures.pop()),
    );
    expect(numbers(await take(source, 0, 24))).to.eql(range(0, 24));
    expect(liars().sort()).to.eql(['P33', 'P44']);
    expect(String(left[0]?.error)).to.match(/block 9: its data/);
  });

  it('a lying witness does not stop an honest peer', async () => {
    const { source, of, liars } = open();
    of('P33').blocks = forgeFlags(blocks, 14, 0);
    const taken = await take(source, 0, 24);
    expect(code(taken, 14)).to.equal(10);
    expect(liars()).to.eql(['P33']);
    expect(of('P44').streams).to.equal(1);
  });

  it('goes on at another peer when one goes down, and where it was', async () => {
    const { source, of, left } = open();
    of('P44').height = 12;
    const taken = await take(source, 0, 24, ({ number }) => {
      if (number === 11) of('P44').down = true;
    });
    expect(numbers(taken)).to.eql(range(0, 24));
    expect(left.map(({ msp, isLiar }) => [msp, isLiar])).to.deep.include(['P44', false]);
  });

  it('leaves a peer that hides blocks which others have', async () => {
    const { source, of, left } = open();
    of('P44').height = 12;
    expect(numbers(await take(source, 0, 24))).to.eql(range(0, 24));
    const hidden = left.find(({ msp }) => msp === 'P44');
    expect(String(hidden?.error)).to.match(/P44 does not show block 12/);
  });

  it('does not leave a quiet channel, nor for the word of one that boasts', async () => {
    const { source, of, left } = open();
    for (const msp of MSPS) of(msp).height = 12;
    of('REG').claims = 1_000_000;
    const stop = new AbortController();
    const taken: Block[] = [];
    const reading = (async () => {
      for await (const block of source.blocks(0, stop.signal)) {
        taken.push(block);
        if (taken.length === 24) stop.abort();
      }
    })();
    await until(() => taken.length === 12);
    await new Promise((resolve) => setTimeout(resolve, 300)); // six times its patience
    for (const msp of MSPS) of(msp).height = 24;
    await reading;
    expect(left).to.eql([]);
    expect(of('P44').streams).to.equal(1);
  });

  it('skips peers that joined from a snapshot above the height it needs', async () => {
    const { source, of, liars } = open();
    of('P44').first = 20;
    of('P33').first = 20;
    expect(numbers(await take(source, 10, 14))).to.eql(range(10, 24));
    expect(liars()).to.eql([]);
  });

  it('a peer that lies of the flags before the height where reading starts is blamed, nobody else', async () => {
    const { source, of, liars } = open();
    of('P44').blocks = forgeFlags(blocks, 14, 0);
    const taken = await take(source, 20, 4);
    expect(numbers(taken)).to.eql(range(20, 24));
    expect(liars()).to.eql(['P44']);
  });

  it('BLOCK_INVALID when every peer shows another channel; LEDGER_UNAVAILABLE when all are away', async () => {
    const foreign = new BlockSource({
      peers: fakePeers(MSPS, blocks).peers,
      pin: { ...RECORDED_PIN, genesisHash: new Uint8Array(32) },
    });
    for (const from of [0, 5]) {
      const error = await take(foreign, from, 1).catch((cause: unknown) => cause);
      expect(error).to.have.property('code', 'BLOCK_INVALID');
    }
    const { source, of } = open();
    for (const msp of MSPS) of(msp).down = true;
    for (const from of [0, 5]) {
      const error = await take(source, from, 1).catch((cause: unknown) => cause);
      expect(error).to.have.property('code', 'LEDGER_UNAVAILABLE');
    }
  });

  it('believes heights that f + 1 organisations have, and does not wait for f silent ones', async () => {
    const { peers, of } = fakePeers(MSPS, blocks);
    expect(await agreedHeight(peers, 2)).to.equal(24);
    of('P44').claims = 3;
    expect(await agreedHeight(peers, 2)).to.equal(24);
    of('P44').claims = 1000;
    expect(await agreedHeight(peers, 2)).to.equal(24);
    const never = {
      ...peers,
      height: (msp: string) =>
        msp === 'P44' ? new Promise<number>(() => undefined) : peers.height(msp),
    };
    expect(await agreedHeight(never, 2)).to.equal(24);
    for (const msp of ['P33', 'P51', 'REG']) of(msp).down = true;
    expect(await agreedHeight(peers, 2).catch((cause: unknown) => cause)).to.have.property(
      'code',
      'LEDGER_UNAVAILABLE',
    );
  });

  it('holds blocks up to a bound; those before the end are given before what ended them', async () => {
    const held = holdBlocks();
    const first = followBlock(beforeFirst(RECORDED_PIN), blocks[0] ?? new Uint8Array(0));
    let room = false;
    const put = held.put({ ...first, bytes: 40 << 20 }).then(() => (room = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(room).to.equal(false);
    held.end(new Error('over'));
    expect(await held.take(1000)).to.have.length(1);
    await put;
    expect(await held.take(1000).catch(String)).to.match(/over/);
    const loose = { ...first, block: { ...first.block, areFlagsBound: false }, bytes: 1 };
    const queue = holdBlocks();
    for (const each of [loose, loose]) await queue.put(each);
    expect(await queue.take(1000)).to.have.length(1);
    expect(await queue.take(1000)).to.have.length(1);
    expect(await queue.take(5)).to.equal(undefined);
    // A loose block says nothing of those before it: their newest is confirmed by itself.
    const bound = { ...first, bytes: 1 };
    for (const each of [bound, bound, loose, bound]) await queue.put(each);
    expect(await queue.take(1000)).to.eql([bound, bound]);
    expect(await queue.take(1000)).to.eql([loose]);
    expect(await queue.take(1000)).to.eql([bound]);
  });

  it('who failed rests, a little longer each time, and is told of once; who lied is avoided for long', () => {
    let now = 0;
    const told: string[] = [];
    const standing = openStanding(
      ['A', 'B', 'C'],
      ({ msp, isLiar }) => told.push(`${msp} ${isLiar}`),
      () => now,
    );
    standing.leave('A', new Error('away'));
    standing.leave('A', new Error('away still'));
    standing.leave('B', new CodedError('BLOCK_INVALID', 'bad'));
    expect(told).to.eql(['A false', 'B true']);
    expect(standing.candidates()).to.eql(['C']);
    expect(standing.credible()).to.eql(['C', 'A']);
    now = 2500;
    expect(standing.candidates()).to.eql(['A', 'C']);
    standing.leave('A', new Error('away again'));
    now = 5000;
    expect(standing.candidates()).to.eql(['C']);
    now = 7000;
    expect(standing.candidates()).to.eql(['A', 'C']);
    now = 3_600_000;
    expect(standing.candidates()).to.eql(['A', 'B', 'C']);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
