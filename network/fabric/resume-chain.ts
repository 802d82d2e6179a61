// SPDX-License-Identifier: Apache-2.0
// A reader that starts in the middle of a chain is as strict as one that read it all: from the block before, back by the numbers of the last
// configuration that orderers signed, to block 0; then forward, each step signed under the configuration before it. Nothing need be kept.
import { equals } from '@zhenglian/core/bytes';
import { blockInvalid, readBlockParts } from './block-parts.ts';
import { beforeFirst, checkOrdered, checkSigned } from './block-checker.ts';
import { readMembers } from './channel-members.ts';
import type { BlockParts, SignedHeader } from './block-parts.ts';
import type { ChainState, ChannelPin } from './block-checker.ts';
import type { ChannelMembers } from './channel-members.ts';

/** Reads one block of the channel, from whomever. */
export type ReadBlock = (number: number) => Promise<Uint8Array>;

/** A configuration block, and the block right before it. */
interface Step {
  readonly before: SignedHeader & { readonly isConfig: boolean };
  readonly config: SignedHeader;
  readonly members: ChannelMembers;
}

/** More configurations than a channel ever has; a liar could make us read for ever. */
const MAX_STEPS = 10_000;

/** The state before the block of a number. @throws BLOCK_INVALID, whatever `read` throws */
export async function resumeChain(
  pin: ChannelPin,
  next: number,
  read: ReadBlock,
): Promise<ChainState> {
  if (next === 0) return beforeFirst(pin);
  const first = await readNumbered(read, 0);
  let members = checkOrdered(first, { pin }).members;
  if (!members) throw blockInvalid(0, 'no configuration is known');
  const top = next === 1 ? first : await readNumbered(read, next - 1);
  for (const step of await walkBack(pin, top, read)) {
    checkStep(step, members, pin);
    members = step.members;
  }
  if (members.number < next - 1) checkSigned(top, members, top.isConfig);
  return { pin, next, previousHash: top.hash, commitHash: top.commitHash, members };
}

/** Configurations up to a block after block 0, oldest first; nothing of them is believed yet. */
async function walkBack(pin: ChannelPin, top: BlockParts, read: ReadBlock): Promise<Step[]> {
  const steps: Step[] = [];
  let at = top;
  while (at.lastConfig > 0 && at.number > 0) {
    const { lastConfig, number } = at;
    if (lastConfig > number || steps.length >= MAX_STEPS) {
      throw blockInvalid(number, `it names ${String(lastConfig)} as the last configuration`);
    }
    const config = lastConfig === number ? at : await readNumbered(read, lastConfig);
    const before = await readNumbered(read, lastConfig - 1);
    steps.unshift({
      before: withoutData(before),
      config: withoutData(config),
      members: readMembers(config, pin.channel),
    });
    at = before;
  }
  return steps;
}

/** The block before the configuration must itself stand under the members so far: none was left out. */
function checkStep({ before, config }: Step, members: ChannelMembers, pin: ChannelPin): void {
  if (before.number === 0) {
    if (!equals(before.hash, pin.genesisHash))
      throw blockInvalid(0, 'its hash is not the pinned one');
  } else if (before.number > members.number) checkSigned(before, members, before.isConfig);
  if (!equals(config.previousHash, before.hash)) {
    throw blockInvalid(config.number, 'it does not follow the block before it');
  }
  checkSigned(config, members, true);
}

async function readNumbered(read: ReadBlock, number: number): Promise<BlockParts> {
  const block = readBlockParts(await read(number));
  if (block.number !== number) {
    throw blockInvalid(block.number, `it was shown as block ${String(number)}`);
  }
  return block;
}

function withoutData({
  number,
  previousHash,
  dataHash,
  hash,
  value,
  lastConfig,
  signatures,
  isConfig,
}: BlockParts): Step['before'] {
  return { number, previousHash, dataHash, hash, value, lastConfig, signatures, isConfig };
}
