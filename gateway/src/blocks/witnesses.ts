// SPDX-License-Identifier: Apache-2.0
// Validity flags are one peer's word: they count once peers of f + 1 organisations show the same commit hash for a block at that height or later
// (docs/ledger.md §11). Peers are asked for the newest block that waits, a few first, the others when those fail, differ or are slow.
import { equals, toHex } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { blockInvalid, readBlockParts } from '@zhenglian/network/fabric/block-parts';
import type { BlockParts } from '@zhenglian/network/fabric/block-parts';
import { pauseFor } from './pause.ts';

/** Peers by organisation, as readers of blocks see them. */
export interface BlockPeers {
  readonly msps: readonly string[];
  /** A peer's blocks from a number on, as they come. @throws LEDGER_UNAVAILABLE */
  blocks(msp: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** @throws LEDGER_UNAVAILABLE */
  height(msp: string): Promise<number>;
}

/** One question: do others show what this peer shows? */
export interface Confirmation {
  readonly peers: BlockPeers;
  /** Who may be asked, best first. */
  readonly others: readonly string[];
  /** Who showed the block. */
  readonly source: string;
  readonly block: BlockParts;
  /** Organisations that must show the same, the source among them. */
  readonly least: number;
  /** Told of a peer that did not answer, or answered otherwise. */
  readonly leave: (msp: string, error: unknown) => void;
  readonly signal: AbortSignal;
}

const HEDGE_MS = 250;
const AGAIN_MS = 300;
const ANSWER_MS = 10_000;

/**
 * Resolves once enough organisations show the same flags and commit hash, or the signal aborts.
 * @throws BLOCK_INVALID when they agree on others than the source's
 */
export async function confirmFlags(question: Confirmation): Promise<void> {
  const { source, block, least, others, signal } = question;
  const votes = new Map<string, string>([[source, wordOf(block)]]);
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  try {
    while (!signal.aborted) {
      const decided = decide(votes, least);
      if (decided !== undefined) {
        judge(question, votes, decided);
        return;
      }
      const left = others.filter((msp) => !votes.has(msp));
      if (left.length === 0) throw undecided(block, least);
      await gather(question, left, votes, until);
      if (decide(votes, least) === undefined) await pauseFor(AGAIN_MS, until);
    }
  } finally {
    stop.abort();
  }
}

/** Reads one block of a peer, waiting for it. @throws LEDGER_UNAVAILABLE */
export async function readBlock(
  peers: BlockPeers,
  msp: string,
  number: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
  }, ANSWER_MS);
  try {
    for await (const bytes of peers.blocks(msp, number, AbortSignal.any([signal, stop.signal]))) {
      return bytes;
    }
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  throw new CodedError('LEDGER_UNAVAILABLE', `${msp} did not show block ${String(number)} in time`);
}

/** Asks those left one after the other, a new one when the last is slow or done, until it is decided or all were asked. */
async function gather(
  question: Confirmation,
  left: readonly string[],
  votes: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const { least } = question;
  const isDecided = () => decide(votes, least) !== undefined || until.aborted;
  const asked: Promise<void>[] = [];
  for (const [i, msp] of left.entries()) {
    if (isDecided()) break;
    const one = ask(question, msp, votes, until);
    asked.push(one);
    if (i + 1 >= least - votes.size) await Promise.race([one, pauseFor(HEDGE_MS, until)]);
  }
  await new Promise<void>((resolve) => {
    const finish = () => {
      if (isDecided()) resolve();
    };
    for (const one of asked) void one.then(finish);
    void Promise.all(asked).then(() => {
      resolve();
    });
  });
  stop.abort();
}

async function ask(
  { peers, block, leave }: Confirmation,
  msp: string,
  votes: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const shown = readBlockParts(await readBlock(peers, msp, block.number, signal));
    if (!equals(shown.hash, block.hash)) {
      throw blockInvalid(block.number, `${msp} shows another one than the orderers signed`);
    }
    votes.set(msp, wordOf(shown));
  } catch (error) {
    if (!signal.aborted) leave(msp, error);
    if (isCodedError(error, 'BLOCK_INVALID')) votes.set(msp, '');
  }
}

/** What a peer says of a block beside what orderers signed. */
function wordOf({ codes, commitHash }: BlockParts): string {
  return `${toHex(commitHash)} ${toHex(codes)}`;
}

function decide(votes: ReadonlyMap<string, string>, least: number): string | undefined {
  const counts = new Map<string, number>();
  for (const word of votes.values()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].find(([word, count]) => word !== '' && count >= least)?.[0];
}

/** Names whoever says otherwise. @throws BLOCK_INVALID when that is the source */
function judge(
  { block, source, leave }: Confirmation,
  votes: ReadonlyMap<string, string>,
  decided: string,
): void {
  const agree = [...votes].filter(([, word]) => word === decided).map(([msp]) => msp);
  for (const [msp, word] of votes) {
    if (word === decided || word === '') continue;
    const words = `flags or commit hash of ${msp} are not those of ${agree.join(', ')}`;
    const error = blockInvalid(block.number, words);
    if (msp === source) throw error;
    leave(msp, error);
  }
}

function undecided({ number }: BlockParts, least: number): CodedError {
  const words = `block ${String(number)}: no ${String(least)} organisations show the same flags`;
  return new CodedError('LEDGER_UNAVAILABLE', words);
}
