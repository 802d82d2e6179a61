// SPDX-License-Identifier: Apache-2.0
// Channels of our own making, with the orderers' keys at hand: what no real network shows can be signed here.
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { headerBytes } from '../../network/block.ts';
import { ensureRoot } from '../../network/embedded/identities.ts';
import { commitHashAfter } from '../../network/fabric/commit-hash.ts';
import { writeBytes, writeVarint } from '../../network/wire-fields.ts';
import { resultsOf } from './endorsed-envelope.ts';
import { hashOf, writeBlock } from './recorded-blocks.ts';
import type { MemberIdentity } from '../../network/identity.ts';
import type { ChainState } from '../../network/fabric/block-checker.ts';

/** A consenter as a configuration lists it. */
export interface Listed {
  readonly id: number;
  readonly identity: MemberIdentity;
}

/** How a block is signed. */
export interface Signing {
  readonly by: readonly Listed[];
  /** In the older form, by whole identity. */
  readonly asCreator?: boolean;
  readonly lastConfig: number;
}

/** Orderers, each with a key. */
export async function makeConsenters(count: number): Promise<Listed[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian made '));
  try {
    const made = Array.from({ length: count }, async (_, i) => ({
      id: i + 1,
      identity: await ensureRoot(folder, `P${i + 1}-ORD`, Date.now()),
    }));
    return await Promise.all(made);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An envelope that sets a configuration. */
export function configEnvelope(
  consenters: readonly Listed[],
  { kind = 'BFT', channel = 'made', organisations = ['P1', 'P2', 'P3', 'P4'], signed = true } = {},
): Uint8Array {
  const mapping = consenters.map(({ id, identity }) =>
    writeBytes(
      1,
      concat(
        integer(1, id),
        writeBytes(4, utf8(identity.msp)),
        writeBytes(5, utf8(identity.certificatePem)),
      ),
    ),
  );
  const orderer = concat(
    entry(3, 'ConsensusType', writeBytes(2, writeBytes(1, utf8(kind)))),
    entry(3, 'Orderers', writeBytes(2, concat(...mapping))),
  );
  const application = concat(...organisations.map((msp) => entry(2, msp, new Uint8Array(0))));
  const group = concat(entry(2, 'Orderer', orderer), entry(2, 'Application', application));
  const config = writeBytes(1, writeBytes(2, group));
  return envelope(1, config, channel, signed);
}

/** An envelope that no peer would call valid; it is there to be ordered. */
export function plainEnvelope(text: string): Uint8Array {
  return envelope(3, utf8(text), 'made', true);
}

/** A transaction that writes a key. */
export function writingEnvelope(namespace: string, key: string): Uint8Array {
  return resultsEnvelope(resultsOf([{ namespace, keys: [key] }]));
}

/** A transaction that sets a key's own policy and leaves its value: its commit hash cannot be made again without the state. */
export function metadataEnvelope(namespace: string, key: string): Uint8Array {
  return resultsEnvelope(resultsOf([{ namespace, policies: [key] }]));
}

function resultsEnvelope(results: Uint8Array): Uint8Array {
  const endorsed = writeBytes(1, writeBytes(2, writeBytes(1, results)));
  const action = writeBytes(1, writeBytes(2, writeBytes(2, endorsed)));
  return envelope(3, action, 'made', true);
}

/** The block after a state, its flags all "refused". */
export function nextBlock(
  { next, previousHash, commitHash }: ChainState,
  envelopes: Uint8Array[],
  { by, asCreator = false, lastConfig }: Signing,
): Uint8Array {
  const dataHash = hashOf(envelopes);
  const value = writeBytes(1, integer(1, lastConfig));
  const bytes = headerBytes(next, previousHash, dataHash);
  const codes = new Uint8Array(envelopes.length).fill(next === 0 ? 0 : 10);
  const signatures = by.map(({ id, identity }) => {
    const nonce = new Uint8Array(randomBytes(24));
    const creator = concat(
      writeBytes(1, utf8(identity.msp)),
      writeBytes(2, utf8(identity.certificatePem)),
    );
    const header = concat(
      asCreator ? writeBytes(1, creator) : integer(1, id),
      writeBytes(2, nonce),
    );
    const key = createPrivateKey(identity.keyPem);
    const signature = new Uint8Array(sign('sha256', concat(value, header, bytes), key));
    return asCreator
      ? concat(writeBytes(1, header), writeBytes(2, signature))
      : concat(writeBytes(2, signature), writeBytes(3, header));
  });
  const after =
    next === 0 ? undefined : commitHashAfter({ number: next, envelopes, codes }, commitHash);
  const made = after ?? new Uint8Array(0);
  return writeBlock({
    number: next,
    previousHash,
    dataHash,
    envelopes,
    value,
    signatures,
    codes,
    commitHash: made,
  });
}

/** Block 0 of a channel and its hash. */
export function firstBlock(
  consenters: readonly Listed[],
  options: Parameters<typeof configEnvelope>[1] = {},
) {
  const envelopes = [configEnvelope(consenters, { ...options, signed: false })];
  const dataHash = hashOf(envelopes);
  const parts = { number: 0, previousHash: new Uint8Array(0), dataHash, envelopes };
  const rest = { value: writeBytes(1, new Uint8Array(0)), signatures: [], codes: Uint8Array.of(0) };
  const header = headerBytes(0, parts.previousHash, dataHash);
  const genesisHash = new Uint8Array(createHash('sha256').update(header).digest());
  const bytes = writeBlock({ ...parts, ...rest, commitHash: new Uint8Array(0) });
  return { bytes, pin: { channel: 'made', genesisHash } };
}

function envelope(type: number, data: Uint8Array, channel: string, signed: boolean): Uint8Array {
  const channelHeader = concat(integer(1, type), writeBytes(4, utf8(channel)));
  const header = writeBytes(1, writeBytes(1, channelHeader));
  const payload = concat(header, writeBytes(2, data));
  return concat(writeBytes(1, payload), signed ? writeBytes(2, utf8('signed')) : new Uint8Array(0));
}

function entry(no: number, key: string, value: Uint8Array): Uint8Array {
  return writeBytes(no, concat(writeBytes(1, utf8(key)), writeBytes(2, value)));
}

function integer(no: number, value: number): Uint8Array {
  return value === 0 ? new Uint8Array(0) : concat(Uint8Array.of(no << 3), writeVarint(value));
}
