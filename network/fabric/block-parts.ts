// SPDX-License-Identifier: Apache-2.0
// A Fabric block taken apart, strictly: what a peer shows and orderers wrote has one form. Its own hashes are checked here, its signatures in
// block-checker.ts.
import { createHash } from 'node:crypto';
import { concat, equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { readMessage } from '@zhenglian/core/fabric-proto';
import { headerBytes } from '../block.ts';
import { encodeEnvelope } from '../proposal.ts';
import { common } from '../protos.ts';
import { readFields } from '../wire-fields.ts';

/** One orderer's signature; who signed is a consenter's number, or a whole identity. */
export interface BlockSignature {
  /** The identifier or signature header: what the signature covers beside value and block header. */
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly consenter?: number;
  readonly creator?: Uint8Array;
}

/** What orderers sign of a block, and their signatures. */
export interface SignedHeader {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly hash: Uint8Array;
  /** The metadata value under the signatures. */
  readonly value: Uint8Array;
  /** Number of the last configuration block, as the value says. */
  readonly lastConfig: number;
  readonly signatures: readonly BlockSignature[];
}

/** A whole block; flags and commit hash are its peer's own word. */
export interface BlockParts extends SignedHeader {
  readonly envelopes: readonly Uint8Array[];
  readonly isConfig: boolean;
  readonly codes: Uint8Array;
  /** Empty in block 0. */
  readonly commitHash: Uint8Array;
}

const LAYOUT = {
  block: { header: [1, 'bytes'], data: [2, 'bytes'], metadata: [3, 'bytes'] },
  header: { number: [1, 'integer'], previousHash: [2, 'bytes'], dataHash: [3, 'bytes'] },
  list: { items: [1, 'list'] },
  metadata: { value: [1, 'bytes'], signatures: [2, 'list'] },
  signature: { signatureHeader: [1, 'bytes'], signature: [2, 'bytes'], idHeader: [3, 'bytes'] },
  idHeader: { identifier: [1, 'integer'], nonce: [2, 'bytes'] },
  signatureHeader: { creator: [1, 'bytes'], nonce: [2, 'bytes'] },
  ordererValue: { lastConfig: [1, 'bytes'], consenterMetadata: [2, 'bytes'] },
  lastConfig: { index: [1, 'integer'] },
  envelope: { payload: [1, 'bytes'], signature: [2, 'bytes'] },
} as const;
const INDEX = common.BlockMetadataIndex;
const CONFIG: number = common.HeaderType.CONFIG;
const MAX_SIGNATURES = 256;
const NOTHING = new Uint8Array(0);

/** Reads a block; its data are those of its header. @throws BLOCK_INVALID */
export function readBlockParts(bytes: Uint8Array): BlockParts {
  return reading('it cannot be read', () => {
    const block = readMessage(LAYOUT.block, bytes);
    const { number, previousHash, dataHash } = readMessage(LAYOUT.header, block.header);
    const envelopes = readMessage(LAYOUT.list, block.data).items;
    const metadata = readMessage(LAYOUT.list, block.metadata).items;
    requireHash(number === 0 ? 0 : 32, previousHash, number);
    requireHash(32, dataHash, number);
    const isConfig = envelopes.length === 1 && envelopes.every(isConfigEnvelope);
    requireWellFormed(number, envelopes, isConfig);
    if (
      !equals(
        createHash('sha256')
          .update(concat(...envelopes))
          .digest(),
        dataHash,
      )
    ) {
      throw blockInvalid(number, 'its data are not those of its header');
    }
    const signed = readMessage(LAYOUT.metadata, metadata[INDEX.SIGNATURES] ?? NOTHING);
    return {
      ...{ number, previousHash, dataHash, envelopes, isConfig },
      hash: createHash('sha256')
        .update(headerBytes(number, previousHash, dataHash))
        .digest(),
      value: signed.value,
      lastConfig: readLastConfig(signed.value),
      signatures: readSignatures(number, signed.signatures),
      codes: metadata[INDEX.TRANSACTIONS_FILTER] ?? NOTHING,
      commitHash: readMessage(LAYOUT.metadata, metadata[INDEX.COMMIT_HASH] ?? NOTHING).value,
    };
  });
}

/** The error of every block that is not what it must be. */
export function blockInvalid(number: number, why: string, cause?: unknown): CodedError {
  const message = `block ${String(number)}: ${why}`;
  return new CodedError('BLOCK_INVALID', message, cause === undefined ? {} : { cause });
}

/** Runs a reader; whatever it throws becomes one error. @throws BLOCK_INVALID */
export function reading<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof CodedError && cause.code === 'BLOCK_INVALID') throw cause;
    throw new CodedError('BLOCK_INVALID', `a block: ${what}`, { cause });
  }
}

/** Whether a transaction sets the channel's configuration. */
function isConfigEnvelope(envelope: Uint8Array): boolean {
  try {
    const header = readFields(readFields(envelope).bytes(1)).message(1);
    return readFields(header.bytes(1)).int32(1) === CONFIG;
  } catch {
    return false; // clients may have bytes ordered that are no transaction
  }
}

/** The data hash covers the envelopes without their borders: only envelopes in their one form keep them where they are. */
function requireWellFormed(number: number, envelopes: readonly Uint8Array[], isConfig: boolean) {
  if (envelopes.length === 0) throw blockInvalid(number, 'it is empty');
  const mayLackSignature = isConfig && number === 0;
  if (!envelopes.every((bytes) => isWellFormed(bytes, mayLackSignature))) {
    throw blockInvalid(number, 'a transaction is not in its one form');
  }
}

function isWellFormed(bytes: Uint8Array, mayLackSignature: boolean): boolean {
  try {
    const { payload, signature } = readMessage(LAYOUT.envelope, bytes);
    const isWhole = payload.length > 0 && (signature.length > 0 || mayLackSignature);
    return isWhole && equals(encodeEnvelope(payload, signature), bytes);
  } catch {
    return false; // unknown and repeated fields too
  }
}

function readLastConfig(value: Uint8Array): number {
  const { lastConfig } = readMessage(LAYOUT.ordererValue, value);
  return readMessage(LAYOUT.lastConfig, lastConfig).index;
}

function readSignatures(number: number, list: readonly Uint8Array[]): BlockSignature[] {
  if (list.length > MAX_SIGNATURES) throw blockInvalid(number, 'it has too many signatures');
  return list.map((bytes) => {
    const { signatureHeader, signature, idHeader } = readMessage(LAYOUT.signature, bytes);
    if (signatureHeader.length === 0 && idHeader.length > 0) {
      const { identifier } = readMessage(LAYOUT.idHeader, idHeader);
      return { header: idHeader, signature, consenter: identifier };
    }
    const { creator } = readMessage(LAYOUT.signatureHeader, signatureHeader);
    return { header: signatureHeader, signature, creator };
  });
}

function requireHash(length: number, hash: Uint8Array, number: number): void {
  if (hash.length !== length) throw blockInvalid(number, 'a hash of its header has another length');
}
