// SPDX-License-Identifier: Apache-2.0
// Real blocks (test/vectors/fabric), and the tools of a forger: every part of a block can be replaced.
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { concat, fromHex } from '@zhenglian/core/bytes';
import { readBlockParts } from '../../network/fabric/block-parts.ts';
import { commitHashAfter } from '../../network/fabric/commit-hash.ts';
import { readFields, writeBytes, writeVarint } from '../../network/wire-fields.ts';
import type { ChannelPin } from '../../network/fabric/block-checker.ts';

const FOLDER = fileURLToPath(new URL('../vectors/fabric/', import.meta.url));
const CHAIN = JSON.parse(readFileSync(`${FOLDER}chain.json`, 'utf8'));

/** Channel and hash of block 0. */
export const RECORDED_PIN: ChannelPin = {
  channel: CHAIN.channel,
  genesisHash: fromHex(CHAIN.genesisHash),
};

/** A recorded file. */
export function readRecorded(name: string): Uint8Array {
  return new Uint8Array(readFileSync(FOLDER + name));
}

/** All recorded blocks, by number. */
export function recordedBlocks(): Uint8Array[] {
  const name = (n: number) => `blocks/${String(n).padStart(10, '0')}.block`;
  return Array.from({ length: CHAIN.height }, (_, n) => readRecorded(name(n)));
}

/** The parts of a block that a forger may replace. */
export interface BlockDraft {
  number: number;
  previousHash: Uint8Array;
  dataHash: Uint8Array;
  envelopes: Uint8Array[];
  /** Value under the orderers' signatures, and those, as bytes of MetadataSignature. */
  value: Uint8Array;
  signatures: Uint8Array[];
  codes: Uint8Array;
  commitHash: Uint8Array;
}

/** A copy of a block with something changed. */
export function forge(bytes: Uint8Array, change: (draft: BlockDraft) => void): Uint8Array {
  const { number, previousHash, dataHash, envelopes, codes, commitHash } = readBlockParts(bytes);
  const metadata = readFields(readFields(bytes).bytes(3)).list(1);
  const signed = readFields(metadata[0] ?? new Uint8Array(0));
  const draft: BlockDraft = {
    ...{ number, previousHash, dataHash, commitHash: commitHash.slice(), codes: codes.slice() },
    envelopes: envelopes.map((each) => each.slice()),
    value: signed.bytes(1).slice(),
    signatures: signed.list(2).map((each) => each.slice()),
  };
  change(draft);
  return writeBlock(draft);
}

/** A block in Fabric's bytes. */
export function writeBlock(draft: BlockDraft): Uint8Array {
  const number = draft.number === 0 ? [] : [Uint8Array.of(8), writeVarint(draft.number)];
  const header = concat(
    ...number,
    writeBytes(2, draft.previousHash),
    writeBytes(3, draft.dataHash),
  );
  const signatures = draft.signatures.map((each) => writeBytes(2, each));
  const metadata = [
    concat(writeBytes(1, draft.value), ...signatures),
    new Uint8Array(0),
    draft.codes,
    new Uint8Array(0),
    writeBytes(1, draft.commitHash),
  ];
  return concat(
    writeBytes(1, header),
    writeBytes(2, concat(...draft.envelopes.map(item))),
    writeBytes(3, concat(...metadata.map(item))),
  );
}

/** Data hash of envelopes. */
export function hashOf(envelopes: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash('sha256')
      .update(concat(...envelopes))
      .digest(),
  );
}

/** The chain as a peer would show it that changes one flag and makes its commit hashes anew, so that nothing in it contradicts itself. */
export function forgeFlags(blocks: readonly Uint8Array[], at: number, code: number): Uint8Array[] {
  let commitHash: Uint8Array = new Uint8Array(0);
  return blocks.map((bytes, n) =>
    n === 0
      ? bytes
      : forge(bytes, (draft) => {
          if (n === at) draft.codes[0] = code;
          draft.commitHash = commitHashAfter(draft, commitHash) ?? new Uint8Array(0);
          commitHash = draft.commitHash;
        }),
  );
}

/** One bit is another. */
export function flip(bytes: Uint8Array | undefined, at: number): void {
  if (bytes) bytes[at] = (bytes[at] ?? 0) ^ 1;
}

/** One item of a list; unlike a field it is written when it is empty too. */
function item(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(10), writeVarint(bytes.length), bytes);
}
