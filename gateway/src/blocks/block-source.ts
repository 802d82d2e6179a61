// SPDX-License-Identifier: Apache-2.0
// The channel's blocks, from whichever organisation's peer shows them: each checked against the orderers' signatures, its flags confirmed by
// others. When the peer it reads from fails, lags or lies, it goes on at another one where it was.
import { CodedError } from '@zhenglian/core/errors';
import { openBlock } from '@zhenglian/network/block';
import { beforeFirst, followBlock } from '@zhenglian/network/fabric/block-checker';
import { readBlockParts } from '@zhenglian/network/fabric/block-parts';
import { leastWitnesses } from '@zhenglian/network/fabric/channel-members';
import { resumeChain } from '@zhenglian/network/fabric/resume-chain';
import type { ChainState, ChannelPin } from '@zhenglian/network/fabric/block-checker';
import type { BlockParts } from '@zhenglian/network/fabric/block-parts';
import type { Block } from '@zhenglian/network/ledger';
import { holdBlocks } from './held-blocks.ts';
import type { HeldBlock, HeldBlocks } from './held-blocks.ts';
import { agreedHeight } from './peer-heights.ts';
import { isAborted } from './pause.ts';
import { openStanding } from './peer-standing.ts';
import type { PeerLeft, PeerStanding } from './peer-standing.ts';
import { confirmFlags, readBlock } from './witnesses.ts';
import type { BlockPeers } from './witnesses.ts';

export type { PeerLeft } from './peer-standing.ts';
export type { BlockPeers } from './witnesses.ts';

export interface BlockSourceOptions {
  readonly peers: BlockPeers;
  readonly pin: ChannelPin;
  /** Told of every peer that is left, and why. */
  readonly report?: (left: PeerLeft) => void;
  /** Milliseconds without a block until others are asked whether there is one; 1,000 unless given. */
  readonly patience?: number;
}

const PATIENCE_MS = 1000;

/** Reads the channel for one client; what it learnt of peers it keeps. */
export class BlockSource {
  readonly #peers: BlockPeers;
  readonly #pin: ChannelPin;
  readonly #patience: number;
  readonly #standing: PeerStanding;
  /** Organisations whose peers must show the same, as the newest configuration says; before one was read, of those that are known. */
  #least: number;
  /** Where the last reader stood: one that goes on there need not walk back. */
  #last: ChainState | undefined;
  #confirmedHeight = 0;

  constructor({ peers, pin, report, patience }: BlockSourceOptions) {
    this.#peers = peers;
    this.#pin = pin;
    this.#patience = patience ?? PATIENCE_MS;
    this.#standing = openStanding(peers.msps, report ?? (() => undefined));
    this.#least = leastWitnesses({ organisations: peers.msps });
  }

  /** The height that peers of f + 1 organisations have reached, and no lower than the blocks that were confirmed. @throws LEDGER_UNAVAILABLE */
  async height(): Promise<number> {
    return Math.max(await agreedHeight(this.#peers, this.#least), this.#confirmedHeight);
  }

  /** Blocks from a number on, then new ones, until the signal aborts. @throws BLOCK_INVALID, LEDGER_UNAVAILABLE when no peer is left to read from */
  async *blocks(from: number, signal: AbortSignal): AsyncIterable<Block> {
    let state = await this.#stateBefore(from, signal);
    while (state && !signal.aborted) {
      let error: unknown;
      const [msp] = this.#standing.candidates();
      if (msp === undefined) throw this.#nobodyLeft();
      try {
        for await (const { block, state: after } of this.#confirmed(msp, state, signal)) {
          yield openBlock(block);
          state = this.#last = after;
          this.#confirmedHeight = Math.max(this.#confirmedHeight, after.next);
          if (isAborted(signal)) return;
        }
        error = new CodedError('LEDGER_UNAVAILABLE', `${msp} shows no more blocks`);
      } catch (cause) {
        error = cause;
      }
      if (isAborted(signal)) return;
      this.#standing.leave(msp, error);
      if (this.#standing.candidates().length === 0) throw error;
    }
  }

  /** Where the chain stands before a block; undefined when the signal aborted meanwhile. */
  async #stateBefore(next: number, signal: AbortSignal): Promise<ChainState | undefined> {
    if (next === 0) return beforeFirst(this.#pin);
    if (this.#last?.next === next) return this.#last;
    let last: unknown = this.#nobodyLeft();
    for (const msp of this.#standing.candidates()) {
      try {
        return await this.#resume(msp, next, signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        this.#standing.leave(msp, error);
        last = error;
      }
    }
    throw last;
  }

  /** Walks back by one peer's blocks; what it says of flags up to there is confirmed too. */
  async #resume(msp: string, next: number, signal: AbortSignal): Promise<ChainState> {
    let top: Uint8Array | undefined;
    const state = await resumeChain(this.#pin, next, async (number) => {
      const bytes = await readBlock(this.#peers, msp, number, signal);
      if (number === next - 1) top = bytes;
      return bytes;
    });
    if (top && next > 1) await this.#confirm(msp, readBlockParts(top), state, signal);
    return state;
  }

  /** One peer's blocks, released as soon as others confirm the newest that is held. */
  async *#confirmed(msp: string, start: ChainState, signal: AbortSignal): AsyncIterable<HeldBlock> {
    const stop = new AbortController();
    const held = holdBlocks();
    const filling = this.#fill(held, msp, start, AbortSignal.any([signal, stop.signal]));
    try {
      let next = start.next;
      let isBehind = false;
      while (!signal.aborted) {
        const batch = await held.take(this.#patience);
        const newest = batch?.at(-1);
        if (batch && newest) {
          await this.#confirm(msp, newest.block, newest.state, signal);
          if (isAborted(signal)) return;
          yield* batch;
          next = newest.state.next;
          isBehind = false;
        } else {
          const wasBehind = isBehind;
          isBehind = await this.#isBehind(next);
          if (wasBehind && isBehind) throw lagging(msp, next);
        }
      }
    } finally {
      stop.abort();
      held.end(undefined);
      await filling;
    }
  }

  async #fill(held: HeldBlocks, msp: string, start: ChainState, signal: AbortSignal) {
    let state = start;
    try {
      for await (const bytes of this.#peers.blocks(msp, start.next, signal)) {
        const followed = followBlock(state, bytes);
        state = followed.state;
        await held.put({ ...followed, bytes: bytes.length });
        if (signal.aborted) break;
      }
      held.end(new CodedError('LEDGER_UNAVAILABLE', `${msp} shows no more blocks`));
    } catch (error) {
      held.end(error);
    }
  }

  async #confirm(
    source: string,
    block: BlockParts,
    { members }: ChainState,
    signal: AbortSignal,
  ): Promise<void> {
    const least = members ? leastWitnesses(members) : 1;
    if (members) this.#least = least;
    if (block.number === 0 || least < 2) return;
    await confirmFlags({
      peers: this.#peers,
      others: this.#standing.credible().filter((msp) => msp !== source),
      source,
      block,
      least,
      leave: (msp, error) => this.#standing.leave(msp, error),
      signal,
    });
  }

  /** Whether enough others have the block that this one does not show. */
  async #isBehind(next: number): Promise<boolean> {
    return (await agreedHeight(this.#peers, this.#least).catch(() => 0)) > next;
  }

  #nobodyLeft(): CodedError {
    return this.#standing.credible().length > 0
      ? new CodedError('LEDGER_UNAVAILABLE', 'no peer can be read from just now')
      : new CodedError('BLOCK_INVALID', 'every peer that is known showed a bad block');
  }
}

function lagging(msp: string, next: number): CodedError {
  const words = `${msp} does not show block ${String(next)}, which others have`;
  return new CodedError('LEDGER_UNAVAILABLE', words);
}
