// SPDX-License-Identifier: Apache-2.0
// Changes a running channel's configuration: fetched, changed, signed by a majority of both kinds of administrators, submitted, awaited.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { createSigner, serializeIdentity } from '../identity.ts';
import { common } from '../protos.ts';
import { majorityOf, readConfig } from './config-update.ts';
import { pause } from './interruption.ts';
import { peer, toOrderer } from './lifecycle.ts';
import { readAdministrators } from './members.ts';
import { runProgram } from './programs.ts';
import type { MemberIdentity } from '../identity.ts';
import type { ChannelConfig } from './config-update.ts';
import type { Administration } from './definitions.ts';

const WAIT_MS = 120_000;
const LOOK_MS = 300;

/** The configuration that is in force, read from the orderer's last configuration block; the block stays in `file`. */
export async function fetchConfig(
  { programs, layout, orderer }: Administration,
  file: string,
): Promise<ChannelConfig> {
  const [first] = layout.organisations;
  if (!first) throw new CodedError('START_FAILED', 'a network without organisations');
  await peer(programs, first, [
    ...['channel', 'fetch', 'config', file, '-c', layout.definition.channel],
    ...toOrderer(orderer, first),
  ]);
  return readConfig(readFileSync(file));
}

/**
 * Brings one change into force: a majority of the organisations' administrators signs it, of peers and of orderers alike.
 * Resolves when the orderers have it in a block. @throws START_FAILED with the orderer's reason
 */
export async function updateChannel(
  administration: Administration,
  folder: string,
  change: (config: ChannelConfig) => ChannelConfig,
): Promise<void> {
  const { programs, layout } = administration;
  const [first] = layout.organisations;
  if (!first) throw new CodedError('START_FAILED', 'a network without organisations');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (name: string) => join(folder, name);
  const original = await fetchConfig(administration, path('config.block'));
  writeFileSync(path('original.pb'), original.serializeBinary());
  writeFileSync(path('updated.pb'), change(original).serializeBinary());
  await runProgram(programs.paths.configtxlator, [
    ...['compute_update', '--channel_id', layout.definition.channel],
    ...['--original', path('original.pb'), '--updated', path('updated.pb')],
    ...['--output', path('update.pb')],
  ]);
  const update = readFileSync(path('update.pb'));
  const signers = signersOf(administration, original);
  writeFileSync(path('update.tx'), configEnvelope(layout.definition.channel, update, signers));
  await peer(programs, first, [
    ...['channel', 'update', '-f', path('update.tx'), '-c', layout.definition.channel],
    ...toOrderer(administration.orderer, first),
  ]);
  await awaitSequence(administration, path('config.block'), original.getSequence() + 1);
}

/** A majority of each group; the first organisation's own signature comes with its submission. */
function signersOf({ layout }: Administration, config: ChannelConfig): MemberIdentity[] {
  const administrators = layout.organisations.map(readAdministrators);
  return [
    ...administrators
      .slice(1, majorityOf(config, 'Application'))
      .map(({ application }) => application),
    ...administrators.slice(0, majorityOf(config, 'Orderer')).map(({ orderer }) => orderer),
  ];
}

/** Envelope of a signed update; who submits it signs around it. */
export function configEnvelope(
  channel: string,
  update: Uint8Array,
  signers: readonly MemberIdentity[],
): Uint8Array {
  const signed = new common.ConfigUpdateEnvelope();
  signed.setConfigUpdate(update);
  signed.setSignaturesList(signers.map((signer) => configSignature(signer, update)));
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(signed.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

function configSignature(
  { msp, certificatePem, keyPem }: MemberIdentity,
  update: Uint8Array,
): common.ConfigSignature {
  const header = new common.SignatureHeader();
  header.setCreator(serializeIdentity(msp, certificatePem));
  header.setNonce(new Uint8Array(randomBytes(24)));
  const bytes = header.serializeBinary();
  const signature = new common.ConfigSignature();
  signature.setSignatureHeader(bytes);
  signature.setSignature(createSigner(keyPem)(concat(bytes, update)));
  return signature;
}

/** While orderers take the new configuration up, one of them may not answer for a moment. */
async function awaitSequence(
  administration: Administration,
  file: string,
  sequence: number,
): Promise<void> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const config = await fetchConfig(administration, file).catch(() => undefined);
    if (config && config.getSequence() >= sequence) return;
    if (Date.now() > end) {
      throw new CodedError('START_FAILED', 'the orderers did not take the new configuration up');
    }
    await pause(administration.layout, LOOK_MS);
  }
}
