// SPDX-License-Identifier: Apache-2.0
// What a configuration block says of who orders and who endorses: the consenters with their keys, the organisations with peers.
import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fromUtf8 } from '@zhenglian/core/bytes';
import { faultsBorne } from '@zhenglian/core/cosigned-answer';
import { readMessage } from '@zhenglian/core/fabric-proto';
import { blockInvalid, reading } from './block-parts.ts';
import type { BlockParts } from './block-parts.ts';
import { readFields } from '../wire-fields.ts';

/** One orderer that signs blocks. */
export interface Consenter {
  readonly id: number;
  readonly msp: string;
  /** DER of its certificate; the channel names this one, whoever issued it. */
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

/** Who may make blocks from a configuration block on. */
export interface ChannelMembers {
  /** Number of the configuration block. */
  readonly number: number;
  readonly consenters: readonly Consenter[];
  /** MSPs that have peers. */
  readonly organisations: readonly string[];
}

const LAYOUT = {
  envelope: { payload: [1, 'bytes'], signature: [2, 'bytes'] },
  configEnvelope: { config: [1, 'bytes'], lastUpdate: [2, 'bytes'] },
  config: { sequence: [1, 'integer'], group: [2, 'bytes'] },
  group: {
    version: [1, 'integer'],
    groups: [2, 'list'],
    values: [3, 'list'],
    policies: [4, 'list'],
    modPolicy: [5, 'bytes'],
  },
  entry: { key: [1, 'bytes'], value: [2, 'bytes'] },
  value: { version: [1, 'integer'], value: [2, 'bytes'], modPolicy: [3, 'bytes'] },
  orderers: { mapping: [1, 'list'] },
  consensusType: { type: [1, 'bytes'], metadata: [2, 'bytes'], state: [3, 'integer'] },
  consenter: {
    id: [1, 'integer'],
    host: [2, 'bytes'],
    port: [3, 'integer'],
    msp: [4, 'bytes'],
    identity: [5, 'bytes'],
    clientTls: [6, 'bytes'],
    serverTls: [7, 'bytes'],
  },
} as const;

/** Signatures of distinct consenters that a block needs: so many of n that no two blocks of one number can have them. */
export function quorumOf({ consenters }: { readonly consenters: readonly unknown[] }): number {
  const n = consenters.length;
  return Math.ceil((n + faultsBorne(n) + 1) / 2);
}

/** Organisations whose peers must show the same, so that one honest one is among them. */
export function leastWitnesses({ organisations }: Pick<ChannelMembers, 'organisations'>): number {
  return faultsBorne(organisations.length) + 1;
}

/** Reads a configuration block. @throws BLOCK_INVALID when it is none, or of another channel, or not ordered by BFT */
export function readMembers(block: BlockParts, channel: string): ChannelMembers {
  const { number, envelopes, isConfig } = block;
  const [envelope] = envelopes;
  if (!isConfig || envelope === undefined) throw blockInvalid(number, 'it sets no configuration');
  return reading(`configuration of block ${String(number)} cannot be read`, () => {
    const { header, data } = readPayload(envelope);
    if (fromUtf8(header.bytes(4)) !== channel) throw blockInvalid(number, 'of another channel');
    const { config } = readMessage(LAYOUT.configEnvelope, data);
    const channelGroup = readMessage(LAYOUT.group, readMessage(LAYOUT.config, config).group);
    const groups = entries(channelGroup.groups);
    const orderer = readMessage(LAYOUT.group, entryOf(groups, 'Orderer'));
    const application = readMessage(LAYOUT.group, entryOf(groups, 'Application'));
    const values = entries(orderer.values);
    const kind = readMessage(LAYOUT.consensusType, valueOf(values, 'ConsensusType'));
    if (fromUtf8(kind.type) !== 'BFT') throw blockInvalid(number, 'its orderers are not BFT');
    const mapping = readMessage(LAYOUT.orderers, valueOf(values, 'Orderers')).mapping;
    const consenters = mapping.map(readConsenter);
    requireDistinct(number, consenters);
    return { number, consenters, organisations: [...entries(application.groups).keys()] };
  });
}

/** A transaction's channel header and data. */
function readPayload(envelope: Uint8Array) {
  const payload = readFields(readMessage(LAYOUT.envelope, envelope).payload);
  return { header: readFields(payload.message(1).bytes(1)), data: payload.bytes(2) };
}

function readConsenter(bytes: Uint8Array): Consenter {
  const { id, msp, identity } = readMessage(LAYOUT.consenter, bytes);
  const { raw, publicKey } = new X509Certificate(identity);
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new RangeError('a consenter has no P-256 key');
  }
  return { id, msp: fromUtf8(msp), certificate: new Uint8Array(raw), key: publicKey };
}

/** Two numbers for one key would let one orderer sign twice. */
function requireDistinct(number: number, consenters: readonly Consenter[]): void {
  const ids = new Set(consenters.map(({ id }) => id));
  const keys = new Set(consenters.map(({ key }) => keyText(key)));
  const n = consenters.length;
  if (n === 0 || ids.size !== n || keys.size !== n) {
    throw blockInvalid(number, 'its consenters are not distinct');
  }
}

function keyText(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('hex');
}

function entries(list: readonly Uint8Array[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const bytes of list) {
    const { key, value } = readMessage(LAYOUT.entry, bytes);
    const name = fromUtf8(key);
    if (found.has(name)) throw new RangeError('an entry stands twice');
    found.set(name, value);
  }
  return found;
}

function entryOf(found: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const value = found.get(name);
  if (value === undefined) throw new RangeError(`no ${name}`);
  return value;
}

function valueOf(found: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  return readMessage(LAYOUT.value, entryOf(found, name)).value;
}
