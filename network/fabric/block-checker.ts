// SPDX-License-Identifier: Apache-2.0
// Follows a channel's blocks and believes nobody: block 0 by its pinned hash, every other one by its place in the chain and by the signatures of
// a quorum of the consenters that the configuration before it names (docs/ledger.md §11). Pure; what peers claim beside it (flags) is bound
// to their commit hash.
import { verify } from 'node:crypto';
import { concat, equals, fromUtf8, toHex } from '@zhenglian/core/bytes';
import { readMessage } from '@zhenglian/core/fabric-proto';
import { fromPemBytes } from '@zhenglian/core/x509';
import { headerBytes } from '../block.ts';
import { blockInvalid, readBlockParts, reading } from './block-parts.ts';
import { quorumOf, readMembers } from './channel-members.ts';
import { commitHashAfter } from './commit-hash.ts';
import type { BlockParts, BlockSignature, SignedHeader } from './block-parts.ts';
import type { ChannelMembers, Consenter } from './channel-members.ts';

/** Which channel, and the hash of its first block: what everything else hangs on. */
export interface ChannelPin {
  readonly channel: string;
  readonly genesisHash: Uint8Array;
}

/** Where a reader of blocks stands: everything that the next block is checked against. */
export interface ChainState {
  readonly pin: ChannelPin;
  /** Number of the next block. */
  readonly next: number;
  readonly previousHash: Uint8Array;
  /** The commit hash shown with the last block. */
  readonly commitHash: Uint8Array;
  /** None before block 0. */
  readonly members?: ChannelMembers;
}

/** A block that passed. */
export interface CheckedBlock extends BlockParts {
  /** MSPs of the consenters whose signatures hold; none for block 0. */
  readonly signers: readonly string[];
  /** What the block says of the channel, if it is a configuration. */
  readonly members?: ChannelMembers;
  /** Whether the flags were seen to give the commit hash; where the state would be needed, they must be compared themselves. */
  readonly areFlagsBound: boolean;
}

/** The state before block 0. */
export function beforeFirst(pin: ChannelPin): ChainState {
  return { pin, next: 0, previousHash: new Uint8Array(0), commitHash: new Uint8Array(0) };
}

/** Checks the block that follows. @throws BLOCK_INVALID naming what failed */
export function followBlock(
  state: ChainState,
  bytes: Uint8Array,
): { readonly state: ChainState; readonly block: CheckedBlock } {
  const parts = readBlockParts(bytes);
  const { number } = parts;
  if (number !== state.next) {
    throw blockInvalid(number, `it comes where block ${String(state.next)} is due`);
  }
  if (!equals(parts.previousHash, state.previousHash)) {
    throw blockInvalid(number, 'it does not follow the block before it');
  }
  const { signers, members } = checkOrdered(parts, state);
  const areFlagsBound = checkFlags(parts, state.commitHash);
  const { hash, commitHash } = parts;
  const current = members ?? state.members;
  return {
    block: { ...parts, signers, areFlagsBound, ...(members && { members }) },
    state: {
      ...{ pin: state.pin, next: number + 1, previousHash: hash, commitHash },
      ...(current && { members: current }),
    },
  };
}

/** Checks who made a block, whatever stands before it. @throws BLOCK_INVALID */
export function checkOrdered(
  block: BlockParts,
  { pin, members }: Pick<ChainState, 'pin' | 'members'>,
): { readonly signers: readonly string[]; readonly members?: ChannelMembers } {
  if (block.number === 0) {
    if (!equals(block.hash, pin.genesisHash)) {
      throw blockInvalid(0, `its hash is ${toHex(block.hash)}, not the pinned one`);
    }
    return { signers: [], members: readMembers(block, pin.channel) };
  }
  if (!members) throw blockInvalid(block.number, 'no configuration is known');
  const signers = checkSigned(block, members, block.isConfig);
  return { signers, ...(block.isConfig && { members: readMembers(block, pin.channel) }) };
}

/** Checks the signatures of a quorum, and that they mean this configuration. Gives the signers' MSPs. @throws BLOCK_INVALID */
export function checkSigned(
  header: SignedHeader,
  members: ChannelMembers,
  isConfig: boolean,
): string[] {
  const { number, lastConfig } = header;
  const signers = signersOf(header, members);
  const quorum = quorumOf(members);
  if (signers.length < quorum) {
    const who = signers.map(({ msp }) => msp).join(', ') || 'none';
    const words = `signatures of ${String(quorum)} consenters are needed; those of ${who} hold`;
    throw blockInvalid(number, words);
  }
  const wanted = isConfig ? number : members.number;
  if (lastConfig !== wanted) {
    const words = `it names ${String(lastConfig)} as the last configuration, which is ${String(wanted)}`;
    throw blockInvalid(number, words);
  }
  return signers.map(({ msp }) => msp);
}

/** Consenters whose signatures hold, each once. */
function signersOf(header: SignedHeader, { consenters }: ChannelMembers): Consenter[] {
  const { number, previousHash, dataHash, value, signatures } = header;
  const bytes = headerBytes(number, previousHash, dataHash);
  const found = new Set<Consenter>();
  for (const each of signatures) {
    const signer = consenterOf(each, consenters);
    if (signer === undefined || found.has(signer)) continue;
    const message = concat(value, each.header, bytes);
    if (verify('sha256', message, signer.key, each.signature)) found.add(signer);
  }
  return [...found];
}

function consenterOf(
  { consenter, creator }: BlockSignature,
  consenters: readonly Consenter[],
): Consenter | undefined {
  if (creator === undefined) return consenters.find(({ id }) => id === consenter);
  try {
    const { msp, certificate } = readMessage(IDENTITY, creator);
    const name = fromUtf8(msp);
    const der = fromPemBytes(certificate);
    return consenters.find((each) => each.msp === name && equals(each.certificate, der));
  } catch {
    return undefined; // whoever that is, it is none of the consenters
  }
}

const IDENTITY = { msp: [1, 'bytes'], certificate: [2, 'bytes'] } as const;

/** A peer's flags must give the commit hash it shows: what other organisations confirm is that hash alone. */
function checkFlags(block: BlockParts, before: Uint8Array): boolean {
  const { number, codes, envelopes, commitHash } = block;
  if (number === 0) return true;
  if (codes.length !== envelopes.length) {
    throw blockInvalid(number, 'it has not one flag a transaction');
  }
  const made = reading(`flags of block ${String(number)} cannot be followed`, () =>
    commitHashAfter(block, before),
  );
  if (made && !equals(made, commitHash)) {
    throw blockInvalid(number, 'its flags do not give the commit hash shown with it');
  }
  return made !== undefined;
}
