// SPDX-License-Identifier: Apache-2.0
// The steps by which an organisation joins a running network; each looks whether it is done already (add-organisation.ts has their order).
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { startHosts, writeConnections } from './chaincode-hosts.ts';
import { generateGenesis } from './channel-config.ts';
import { fetchConfig } from './channel-update.ts';
import { readConfig } from './config-update.ts';
import { generateCrypto } from './crypto.ts';
import { approveInForce, definitionOf, deploy } from './definitions.ts';
import { pause } from './interruption.ts';
import { installPackages, joinOrderer, joinPeer } from './lifecycle.ts';
import { awaitNodes, startNodes } from './start-nodes.ts';
import { stampData } from './network-folder.ts';
import { ordererHeight, ordererRelation, peerHeight } from './status.ts';
import type { Packages } from './chaincode-hosts.ts';
import type { ChannelConfig } from './config-update.ts';
import type { Administration } from './definitions.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

/** Who joins which network. */
export interface JoinOptions {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly progress: (line: string) => void;
}

/** One that is joining. */
export interface Joining extends JoinOptions {
  /** The network with the one that joins. */
  readonly whole: Layout;
  readonly organisation: OrganisationLayout;
  readonly packages: Packages;
  readonly administration: Administration;
  /** Where what is only needed meanwhile stands. */
  readonly folder: string;
}

const WAIT_MS = 120_000;
const LOOK_MS = 300;

/** Three folders by cryptogen; the last one is moved to its place when the others are there. */
export async function makeCertificates({
  programs,
  whole,
  organisation,
  folder,
}: Joining): Promise<void> {
  const { folders } = organisation;
  const homes = cryptoHomes(organisation);
  if (existsSync(folders.msp)) return;
  const cryptoFolder = join(folder, 'crypto');
  for (const path of [cryptoFolder, ...homes]) rmSync(path, { recursive: true, force: true });
  await generateCrypto(programs, { ...whole, folder, cryptoFolder, organisations: [organisation] });
  for (const home of homes) {
    mkdirSync(dirname(home), { recursive: true });
    renameSync(join(cryptoFolder, relative(whole.cryptoFolder, home)), home);
  }
}

/** The configuration of a channel that would be founded with all of them. */
export async function wantedConfig({ programs, whole, folder }: Joining): Promise<ChannelConfig> {
  const genesisBlock = join(folder, 'wanted.block');
  await generateGenesis(programs, { ...whole, folder, genesisBlock });
  return readConfig(readFileSync(genesisBlock));
}

/** Starts its processes; they need no channel yet. */
export async function startOwn({
  programs,
  whole,
  organisation,
  packages,
}: Joining): Promise<void> {
  const own = { ...whole, organisations: [organisation] };
  writeConnections(own, packages);
  startNodes(programs, whole, organisation);
  await Promise.all([startHosts(own, packages), awaitNodes(own)]);
}

/** Its orderer follows from the last configuration block on, until it is as high as the others. */
export async function followChannel(joining: Joining, file: string): Promise<void> {
  const { programs, whole, organisation, administration, progress } = joining;
  const height = () => ordererHeight(programs, whole, organisation).catch(() => NaN);
  if (!((await height()) > 0)) {
    await fetchConfig(administration, file);
    await joinOrderer(programs, whole, organisation, file);
  }
  stampData(whole, organisation, 'orderer');
  const goal = await ordererHeight(programs, whole, administration.orderer);
  progress(`${organisation.msp}'s orderer follows up to block ${String(goal - 1)}`);
  await until(
    joining,
    `orderer-${organisation.msp} catches up`,
    async () => (await height()) >= goal,
  );
}

/** It takes part in ordering as soon as it has read so. */
export async function awaitConsenter(joining: Joining): Promise<void> {
  const { programs, whole, organisation } = joining;
  await until(joining, `orderer-${organisation.msp} becomes a consenter`, async () => {
    return (await ordererRelation(programs, whole, organisation)) === 'consenter';
  });
}

/** Its peer takes all blocks, has the packages, and its word counts for what is in force and for its own chaincode. */
export async function joinAsEndorser(joining: Joining): Promise<void> {
  const { programs, layout, whole, organisation, packages, administration } = joining;
  const height = () => peerHeight(programs, whole, organisation).catch(() => NaN);
  if (!((await height()) > 0)) await joinPeer(programs, whole, organisation);
  stampData(whole, organisation, 'peer');
  await installPackages(programs, organisation, packages);
  const goal = await ordererHeight(programs, whole, administration.orderer);
  await until(joining, `peer-${organisation.msp} catches up`, async () => (await height()) >= goal);
  const [first = organisation] = layout.organisations;
  const names = await approveInForce(administration, organisation, packages, first);
  const own = `zl-${organisation.msp.toLowerCase()}`;
  if (names.includes(own)) return;
  await deploy({ ...administration, layout: whole }, definitionOf(own, packages.organisation, 1));
}

/** The folders that cryptogen makes for an organisation, the one that is looked for last. */
export function cryptoHomes({ folders }: OrganisationLayout): string[] {
  const { ordererOrganisationMsp, chaincodeHost, msp } = folders;
  return [ordererOrganisationMsp, dirname(chaincodeHost), msp].map((path) => dirname(path));
}

async function until(
  { whole }: Joining,
  what: string,
  isDone: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (!(await isDone().catch(() => false))) {
    if (Date.now() > end)
      throw new CodedError('START_FAILED', `${what}: not within ${String(WAIT_MS / 1000)} s`);
    await pause(whole, LOOK_MS);
  }
}
