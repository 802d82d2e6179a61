// SPDX-License-Identifier: Apache-2.0
// Peers of several organisations without a network: each shows the blocks it is given, fails, is silent, or comes late.
import { CodedError } from '@zhenglian/core/errors';
import { pauseFor } from '../../gateway/src/blocks/pause.ts';
import type { BlockPeers } from '../../gateway/src/blocks/block-source.ts';

/** What a peer shows; may be changed while it is read. */
export interface FakePeer {
  blocks: readonly Uint8Array[];
  /** Blocks below are not there: it joined from a snapshot. */
  first: number;
  /** How many of its blocks it shows. */
  height: number;
  /** What it says its height is, if not the truth. */
  claims?: number;
  /** Every call fails. */
  down: boolean;
  /** How many streams were opened. */
  streams: number;
}

/** Peers by organisation, all showing the same blocks. */
export function fakePeers(msps: readonly string[], blocks: readonly Uint8Array[]) {
  const peers = new Map<string, FakePeer>(
    msps.map((msp) => [msp, { blocks, first: 0, height: blocks.length, down: false, streams: 0 }]),
  );
  const of = (msp: string): FakePeer => {
    const found = peers.get(msp);
    if (!found) throw new Error(`no peer of ${msp}`);
    return found;
  };
  const asPeers: BlockPeers = {
    msps,
    height: async (msp) => {
      const peer = of(msp);
      if (peer.down) throw away(msp);
      return peer.claims ?? peer.height;
    },
    blocks: (msp, from, signal) => stream(of(msp), msp, from, signal),
  };
  return { peers: asPeers, of };
}

async function* stream(
  peer: FakePeer,
  msp: string,
  from: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  peer.streams += 1;
  for (let next = from; !signal.aborted;) {
    if (peer.down || next < peer.first) throw away(msp);
    const block = next < peer.height ? peer.blocks[next] : undefined;
    if (block) {
      yield block;
      next += 1;
    } else await pauseFor(5, signal);
  }
}

function away(msp: string): CodedError {
  return new CodedError('LEDGER_UNAVAILABLE', `${msp} is away`);
}
