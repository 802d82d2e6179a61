// SPDX-License-Identifier: Apache-2.0
// What administrators do by Fabric's commands: join the channel, install packages, ask what is committed. Organisations work side by side.
import { join } from 'node:path';
import { isCodedError } from '@zhenglian/core/errors';
import { PACKAGE_KINDS } from './chaincode-versions.ts';
import { administratorSettings } from './node-settings.ts';
import { runProgram } from './programs.ts';
import type { Packages } from './chaincode-hosts.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

/** One chaincode definition as the channel holds it. */
export interface CommittedDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
}

/** Joins every orderer to the channel; each starts ordering as soon as a quorum has joined. */
export async function joinOrderers(programs: Programs, layout: Layout): Promise<void> {
  const { organisations, genesisBlock } = layout;
  await Promise.all(organisations.map((each) => joinOrderer(programs, layout, each, genesisBlock)));
}

/** Joins an orderer to the channel by a configuration block: as a consenter where the block names it, else as a follower. */
export async function joinOrderer(
  programs: Programs,
  { definition }: Layout,
  organisation: OrganisationLayout,
  block: string,
): Promise<void> {
  await osnadmin(programs, organisation, [
    ...['channel', 'join', '--channelID', definition.channel],
    ...['--config-block', block],
  ]);
}

/** Joins every peer to the channel and installs both packages there. */
export async function joinPeers(
  programs: Programs,
  layout: Layout,
  packages: Packages,
): Promise<void> {
  await Promise.all(
    layout.organisations.map(async (organisation) => {
      await joinPeer(programs, layout, organisation);
      await installPackages(programs, organisation, packages);
    }),
  );
}

/** Joins a peer to the channel from its first block on. @throws START_FAILED */
export async function joinPeer(
  programs: Programs,
  { genesisBlock }: Layout,
  organisation: OrganisationLayout,
): Promise<void> {
  const command = peer(programs, organisation, ['channel', 'join', '-b', genesisBlock]);
  await unless(/already exists/, command);
}

/** Installs both packages at an organisation's peer; what is installed stays so. @throws START_FAILED */
export async function installPackages(
  programs: Programs,
  organisation: OrganisationLayout,
  packages: Packages,
): Promise<void> {
  for (const kind of PACKAGE_KINDS) {
    const args = ['lifecycle', 'chaincode', 'install', packages[kind].file];
    await unless(/already successfully installed/, peer(programs, organisation, args));
  }
}

/** Definitions committed on the channel, asked of an organisation's peer. */
export async function committedDefinitions(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
): Promise<CommittedDefinition[]> {
  const { channel } = layout.definition;
  const args = ['lifecycle', 'chaincode', 'querycommitted', '-C', channel, '--output', 'json'];
  const answer: unknown = JSON.parse(await peer(programs, organisation, args));
  return (answer as { chaincode_definitions?: CommittedDefinition[] }).chaincode_definitions ?? [];
}

/** Runs `peer` as an organisation's administrator. @throws START_FAILED */
export function peer(
  programs: Programs,
  organisation: OrganisationLayout,
  args: readonly string[],
): Promise<string> {
  return runProgram(programs.paths.peer, args, administratorSettings(programs, organisation));
}

/** Runs `osnadmin` against an organisation's orderer. @throws START_FAILED */
export function osnadmin(
  programs: Programs,
  { ports, folders }: OrganisationLayout,
  args: readonly string[],
): Promise<string> {
  const tls = (file: string) => join(folders.orderer, 'tls', file);
  return runProgram(programs.paths.osnadmin, [
    ...args,
    ...['-o', `127.0.0.1:${String(ports.ordererAdmin)}`, '--ca-file', tls('ca.crt')],
    ...['--client-cert', tls('server.crt'), '--client-key', tls('server.key')],
  ]);
}

/** How an organisation's administrator reaches an orderer. */
export function toOrderer(orderer: OrganisationLayout, { folders }: OrganisationLayout): string[] {
  const tls = join(folders.administrator, 'tls');
  return [
    ...['-o', `127.0.0.1:${String(orderer.ports.orderer)}`, '--tls', '--clientauth'],
    ...['--cafile', join(orderer.folders.orderer, 'tls', 'ca.crt')],
    ...['--certfile', join(tls, 'client.crt'), '--keyfile', join(tls, 'client.key')],
  ];
}

/** Lets a command fail when it says that its work is done already. */
export async function unless(done: RegExp, command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (!isCodedError(error, 'START_FAILED') || !done.test(error.message)) throw error;
  }
}
