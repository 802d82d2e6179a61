// SPDX-License-Identifier: Apache-2.0
// Checks a whole chain from its first block, wherever the blocks come from: what an auditor needs is them and the pinned hash, nothing that runs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { beforeFirst, followBlock } from './block-checker.ts';
import { quorumOf } from './channel-members.ts';
import type { ChannelPin, CheckedBlock } from './block-checker.ts';

/** One configuration that the chain went through. */
export interface SeenConfiguration {
  /** Number of its block. */
  readonly number: number;
  /** MSPs of the consenters, and how many must sign. */
  readonly consenters: readonly string[];
  readonly quorum: number;
  /** MSPs with peers. */
  readonly organisations: readonly string[];
}

/** A block whose flags its commit hash does not bind (commit-hash.ts): they are its peer's word, whatever others confirm of the blocks after it. */
export interface UnboundBlock {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly codes: Uint8Array;
  readonly commitHash: Uint8Array;
  /** The commit hash of the block before it: this block's own does not lead back to it. */
  readonly commitHashBefore: Uint8Array;
}

/** A chain that passed. */
export interface BlockAudit {
  readonly height: number;
  readonly hash: Uint8Array;
  /** Of the last block: another organisation's peer must show the same, or the flags are one peer's word. */
  readonly commitHash: Uint8Array;
  readonly configurations: readonly SeenConfiguration[];
  /** Orderers' signatures that hold, distinct ones of each block. */
  readonly signatures: number;
  readonly valid: number;
  readonly invalid: number;
  readonly unbound: readonly UnboundBlock[];
}

/** Checks blocks from number 0 on; `onBlock` hears of each that passed. @throws BLOCK_INVALID at the first bad one, naming it */
export async function auditBlocks(
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  pin: ChannelPin,
  onBlock: (block: CheckedBlock, bytes: Uint8Array) => void = () => undefined,
): Promise<BlockAudit> {
  let state = beforeFirst(pin);
  const configurations: SeenConfiguration[] = [];
  const unbound: UnboundBlock[] = [];
  const sums = { signatures: 0, valid: 0, invalid: 0 };
  for await (const bytes of blocks) {
    const followed = followBlock(state, bytes);
    const { block } = followed;
    const valid = block.codes.filter((code) => code === 0).length;
    sums.signatures += block.signers.length;
    sums.valid += valid;
    sums.invalid += block.codes.length - valid;
    if (!block.areFlagsBound) {
      const { number, hash, codes, commitHash } = block;
      unbound.push({ number, hash, codes, commitHash, commitHashBefore: state.commitHash });
    }
    if (block.members) {
      const { consenters, organisations } = block.members;
      const quorum = quorumOf(block.members);
      configurations.push({
        number: block.members.number,
        consenters: consenters.map(({ msp }) => msp),
        quorum,
        organisations,
      });
    }
    state = followed.state;
    onBlock(block, bytes);
  }
  if (state.next === 0) throw new CodedError('BLOCK_INVALID', 'there is no block');
  const { next: height, previousHash: hash, commitHash } = state;
  return { height, hash, commitHash, configurations, unbound, ...sums };
}

/** Name of a block's file in a folder of blocks. */
export function blockFile(number: number): string {
  return `${String(number).padStart(10, '0')}.block`;
}

/** Blocks of a folder, one file a block, by number. @throws BLOCK_INVALID when it holds none */
export function* readBlockFolder(folder: string): Iterable<Uint8Array> {
  const names = listBlocks(folder);
  if (names.length === 0) {
    throw new CodedError('BLOCK_INVALID', `${folder} holds no file like ${blockFile(0)}`);
  }
  for (const name of names) yield new Uint8Array(readFileSync(join(folder, name)));
}

function listBlocks(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^\d{1,15}\.block$/.test(name));
    return names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  } catch (cause) {
    throw new CodedError('BLOCK_INVALID', `${folder} cannot be read`, { cause });
  }
}
