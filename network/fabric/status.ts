// SPDX-License-Identifier: Apache-2.0
// How a network of real Fabric nodes stands: processes, heights, leader, chaincode definitions, disk, certificates.
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { readAdded } from './added-organisations.ts';
import { hostName } from './chaincode-hosts.ts';
import { PACKAGE_KINDS, readVersions } from './chaincode-versions.ts';
import { committedDefinitions, osnadmin, peer } from './lifecycle.ts';
import { organisationOf } from './members.ts';
import { requireFounded, requireWhole } from './network-folder.ts';
import { listProcesses } from './processes.ts';
import type { ServedVersions } from './chaincode-versions.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { CommittedDefinition } from './lifecycle.ts';
import type { ProcessState } from './processes.ts';
import type { Programs } from './programs.ts';

/** One node: an orderer, a peer or a chaincode host. */
export interface NodeStatus {
  /** That of its process. */
  readonly name: string;
  /** Missing where it does not answer; hosts have none. */
  readonly height?: number;
  /** Blocks that it is behind the highest orderer. */
  readonly lag?: number;
  /** First block that a peer has; another than 0 after it joined from a snapshot. */
  readonly firstBlock?: number;
  readonly diskBytes?: number;
  /** When the first of its certificates ends (ISO). */
  readonly certificateUntil: string;
}

/** The whole network. */
export interface NetworkStatus {
  readonly height?: number;
  /** MSP of the orderer that leads, by the word of a majority. */
  readonly leader?: string;
  readonly nodes: readonly NodeStatus[];
  readonly chaincodes: readonly CommittedDefinition[];
  /** MSPs of organisations whose joining was interrupted. */
  readonly joining: readonly string[];
  /** MSPs that an upgrade went on without. */
  readonly behind: readonly string[];
  readonly processes: readonly ProcessState[];
}

interface PeerBlocks {
  readonly height: number;
  readonly firstBlock: number;
}

/** Asks every node. Nodes that are down are told as such, never an error. @throws START_FAILED where there is no whole network */
export async function readStatus(programs: Programs, layout: Layout): Promise<NetworkStatus> {
  requireFounded(layout);
  requireWhole(layout);
  const { organisations } = layout;
  const versions = readVersions(layout);
  const heights = await Promise.all(
    organisations.map(async (organisation) => ({
      orderer: await maybe(ordererHeight(programs, layout, organisation)),
      peer: await maybe(peerBlocks(programs, layout, organisation)),
    })),
  );
  const known = heights.flatMap(({ orderer }) => orderer ?? []);
  const height = known.length > 0 ? Math.max(...known) : undefined;
  const leader = await findLeader(layout);
  const [first] = organisations;
  const chaincodes = first && (await maybe(committedDefinitions(programs, layout, first)));
  return {
    ...(height !== undefined && { height }),
    ...(leader !== undefined && { leader }),
    nodes: organisations.flatMap((organisation, i) => [
      ordererStatus(organisation, height, heights[i]?.orderer),
      peerStatus(organisation, height, heights[i]?.peer),
      ...hostStatuses(organisation, versions),
    ]),
    chaincodes: (chaincodes ?? []).map(({ name, version, sequence }) => ({
      name,
      version,
      sequence,
    })),
    joining: readAdded(layout.folder)
      .filter(({ joined }) => !joined)
      .map(({ msp }) => msp),
    behind: versions.behind ?? [],
    processes: listProcesses(layout),
  };
}

/** MSP of the leading orderer as most orderers have it: one that was replaced may still believe in itself. */
export async function findLeader({ organisations }: Layout): Promise<string | undefined> {
  const answers = await Promise.all(
    organisations.map(({ ports }) => maybe(askLeader(ports.ordererOperations))),
  );
  const votes = new Map<number, number>();
  for (const id of answers) if (id) votes.set(id, (votes.get(id) ?? 0) + 1);
  const [most] = [...votes].sort(([, a], [, b]) => b - a);
  return most && organisations[most[0] - 1]?.msp;
}

/** The orderer that leads, or the first one while none is known to. */
export async function leadingOrderer(layout: Layout): Promise<OrganisationLayout> {
  const leader = await findLeader(layout);
  return organisationOf(layout, leader ?? layout.organisations[0]?.msp ?? '');
}

/** Height of an organisation's peer. @throws START_FAILED when it does not answer */
export async function peerHeight(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
): Promise<number> {
  return (await peerBlocks(programs, layout, organisation)).height;
}

async function peerBlocks(
  programs: Programs,
  { definition }: Layout,
  organisation: OrganisationLayout,
): Promise<PeerBlocks> {
  const said = await peer(programs, organisation, ['channel', 'getinfo', '-c', definition.channel]);
  const last = /"lastBlockInSnapshot":(\d+)/.exec(said)?.[1];
  return {
    height: heightIn(/"height":(\d+)/.exec(said), `peer-${organisation.msp}`),
    firstBlock: last === undefined ? 0 : Number(last) + 1,
  };
}

/** Height of an organisation's orderer. @throws START_FAILED when it does not answer */
export async function ordererHeight(
  programs: Programs,
  { definition }: Layout,
  organisation: OrganisationLayout,
): Promise<number> {
  const args = ['channel', 'list', '--channelID', definition.channel];
  const said = await osnadmin(programs, organisation, args);
  return heightIn(/"height":\s*(\d+)/.exec(said), `orderer-${organisation.msp}`);
}

/** Whether an organisation's orderer is a consenter of the channel or follows it. @throws START_FAILED when it does not answer */
export async function ordererRelation(
  programs: Programs,
  { definition }: Layout,
  organisation: OrganisationLayout,
): Promise<string | undefined> {
  const args = ['channel', 'list', '--channelID', definition.channel];
  const said = await osnadmin(programs, organisation, args);
  return /"consensusRelation":\s*"(\w+)"/.exec(said)?.[1];
}

function ordererStatus(
  { msp, folders }: OrganisationLayout,
  highest: number | undefined,
  height: number | undefined,
): NodeStatus {
  return {
    name: `orderer-${msp}`,
    ...heightAndLag(highest, height),
    diskBytes: sizeOf(folders.ordererData),
    certificateUntil: firstEnd(folders.orderer, signingCertificates(folders.orderer)),
  };
}

function peerStatus(
  { msp, folders }: OrganisationLayout,
  highest: number | undefined,
  blocks: PeerBlocks | undefined,
): NodeStatus {
  return {
    name: `peer-${msp}`,
    ...heightAndLag(highest, blocks?.height),
    ...(blocks && { firstBlock: blocks.firstBlock }),
    diskBytes: sizeOf(folders.peerData),
    certificateUntil: firstEnd(folders.peer, signingCertificates(folders.peer)),
  };
}

/** Hosts of what is served; while an upgrade is under way the new ones beside. */
function hostStatuses(
  { msp, folders }: OrganisationLayout,
  { serving, next = serving }: ServedVersions,
): NodeStatus[] {
  const names = [serving, next].flatMap((each) =>
    PACKAGE_KINDS.map((kind) => hostName(msp, kind, each[kind])),
  );
  const certificateUntil = firstEnd(folders.chaincodeHost, []);
  return [...new Set(names)].map((name) => ({ name, certificateUntil }));
}

function heightAndLag(highest: number | undefined, height: number | undefined) {
  if (height === undefined) return {};
  return { height, ...(highest !== undefined && { lag: Math.max(0, highest - height) }) };
}

function firstEnd(node: string, signing: readonly string[]): string {
  const ends = [join(node, 'tls', 'server.crt'), ...signing].map(certificateEnd);
  return new Date(Math.min(...ends)).toISOString();
}

function heightIn(match: RegExpExecArray | null, name: string): number {
  const height = Number(match?.[1]);
  if (height > 0) return height;
  throw new CodedError('START_FAILED', `${name} is not in the channel`);
}

async function askLeader(port: number): Promise<number> {
  const signal = AbortSignal.timeout(2000);
  const response = await fetch(`http://127.0.0.1:${String(port)}/metrics`, { signal });
  return Number(/^consensus_BFT_leader_id\S* (\d+)/m.exec(await response.text())?.[1] ?? 0);
}

function signingCertificates(node: string): string[] {
  const folder = join(node, 'msp', 'signcerts');
  return reading(folder, () => readdirSync(folder).map((file) => join(folder, file)));
}

function certificateEnd(file: string): number {
  return reading(file, () => Date.parse(new X509Certificate(readFileSync(file)).validTo));
}

function reading<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const words = `${path} cannot be read: restore it from a copy, or reset the network`;
    throw new CodedError('START_FAILED', words, { cause });
  }
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map(({ name }) => join(folder, name))
      .reduce((sum, path) => {
        const stat = statSync(path);
        return sum + (stat.isDirectory() ? sizeOf(path) : stat.size);
      }, 0);
  } catch {
    return 0; // it is not there, or a file went away while we looked
  }
}

function maybe<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch(() => undefined);
}
