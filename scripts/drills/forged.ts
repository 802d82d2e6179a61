// SPDX-License-Identifier: Apache-2.0
// A peer serves forged blocks or flags: a client whose own peer lies finds out, names it, reads on from another one, and holds what honest
// clients hold.
import { isDeepStrictEqual } from 'node:util';
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { readMember } from '@zhenglian/network/fabric/members';
import type { Block } from '@zhenglian/network/ledger';
import { BATCHES, demand } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { startForgingPeer } from './forging-peer.ts';
import type { Forgery } from './forging-peer.ts';
import { until } from './steady.ts';

const LIAR = 'P44';
const WITNESS = 'REG';
const FORGERIES: readonly Forgery[] = ['flags', 'data', 'signatures', 'hidden'];

export const FORGED: Drill = {
  what: 'a peer serves forged flags, data, signatures, or none of the new blocks: found out, left, nothing of it believed',
  hasDesk: true,
  run: async (stage) => {
    for (const how of FORGERIES) await readPastLiar(stage, how);
  },
};

async function readPastLiar(stage: Stage, how: Forgery): Promise<void> {
  const { layout, line, say } = stage;
  const member = readMember(layout, LIAR);
  const liar = await startForgingPeer(layout, LIAR, member);
  const peers = member.peers.map((peer) => (peer.msp === LIAR ? liar.peer : peer));
  const left: string[] = [];
  const report = ({ msp, isLiar }: { readonly msp: string; readonly isLiar: boolean }) => {
    left.push(`${msp} ${isLiar ? 'lies' : 'left'}`);
  };
  const ledger = await connectFabric({ ...member, peers, report });
  const stop = new AbortController();
  try {
    const from = await ledger.height();
    const read: Block[] = [];
    const reading = follow(ledger.blocks(from, stop.signal), read);
    await until('blocks before the lie', () => read.length > 2);
    liar.lie(how);
    const started = Date.now();
    const wanted = `${LIAR} ${how === 'hidden' ? 'left' : 'lies'}`;
    await until(`${LIAR} to be found out (${how})`, () => left.includes(wanted));
    const milliseconds = Date.now() - started;
    const goal = read.length + BATCHES;
    await line.await(BATCHES);
    await until('blocks after the lie', () => read.length >= goal);
    stop.abort();
    await reading;
    demand(liar.forged > 0, 'nothing was forged');
    await compare(stage, read);
    say(
      `${how}: ${wanted}, after ${String(milliseconds)} ms; ${String(read.length)} blocks are those of ${WITNESS}`,
    );
  } finally {
    stop.abort();
    await ledger.close();
    liar.close();
  }
}

async function follow(blocks: AsyncIterable<Block>, into: Block[]): Promise<void> {
  for await (const block of blocks) into.push(block);
}

/** Block by block what an honest organisation's client reads. */
async function compare({ layout }: Stage, read: readonly Block[]): Promise<void> {
  const ledger = await connectFabric(readMember(layout, WITNESS));
  const stop = new AbortController();
  try {
    let n = 0;
    for await (const block of ledger.blocks(read[0]?.number ?? 0, stop.signal)) {
      demand(isDeepStrictEqual(block, read[n]), `block ${String(block.number)} is another one`);
      n += 1;
      if (n === read.length) stop.abort();
    }
  } finally {
    stop.abort();
    await ledger.close();
  }
}
