// SPDX-License-Identifier: Apache-2.0
// How a network of real Fabric nodes stands: processes, heights, leader, chaincode definitions, disk, certificates.
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { committedDefinitions, osnadmin, peer } from './lifecycle.ts';
import { listProcesses } from './processes.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { CommittedDefinition } from './lifecycle.ts';
import type { ProcessState } from './processes.ts';
import type { Programs } from './programs.ts';

/** One organisation's nodes; a height that is missing belongs to a node that does not answer. */
export interface OrganisationStatus {
  readonly msp: string;
  readonly ordererHeight?: number;
  readonly peerHeight?: number;
  /** Blocks that its peer is behind the highest orderer. */
  readonly lag?: number;
  readonly diskBytes: number;
  /** When the first certificate of its nodes ends (ISO). */
  readonly certificateUntil: string;
}

/** The whole network. */
export interface NetworkStatus {
  readonly height?: number;
  /** MSP of the orderer that leads, by the word of a majority. */
  readonly leader?: string;
  readonly organisations: readonly OrganisationStatus[];
  readonly chaincodes: readonly CommittedDefinition[];
  readonly processes: readonly ProcessState[];
}

/** Asks every node. Nodes that are down are told as such, never an error. */
export async function readStatus(programs: Programs, layout: Layout): Promise<NetworkStatus> {
  const { organisations } = layout;
  const heights = await Promise.all(
    organisations.map(async (organisation) => ({
      orderer: await maybe(ordererHeight(programs, layout, organisation)),
      peer: await maybe(peerHeight(programs, layout, organisation)),
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
    organisations: organisations.map((organisation, i) =>
      organisationStatus(organisation, height, heights[i]),
    ),
    chaincodes: (chaincodes ?? []).map(({ name, version, sequence }) => ({
      name,
      version,
      sequence,
    })),
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

/** Height of an organisation's peer. @throws START_FAILED when it does not answer */
export async function peerHeight(
  programs: Programs,
  { definition }: Layout,
  organisation: OrganisationLayout,
): Promise<number> {
  const said = await peer(programs, organisation, ['channel', 'getinfo', '-c', definition.channel]);
  return Number(/"height":(\d+)/.exec(said)?.[1]);
}

/** Height of an organisation's orderer. @throws START_FAILED when it does not answer */
export async function ordererHeight(
  programs: Programs,
  { definition }: Layout,
  organisation: OrganisationLayout,
): Promise<number> {
  const args = ['channel', 'list', '--channelID', definition.channel];
  return Number(/"height":\s*(\d+)/.exec(await osnadmin(programs, organisation, args))?.[1]);
}

function organisationStatus(
  { msp, folders }: OrganisationLayout,
  height: number | undefined,
  own: { orderer: number | undefined; peer: number | undefined } | undefined,
): OrganisationStatus {
  const nodes = [folders.peer, folders.orderer];
  const ends = nodes.flatMap((node) => [
    certificateEnd(join(node, 'tls', 'server.crt')),
    ...readdirSync(join(node, 'msp', 'signcerts')).map((file) =>
      certificateEnd(join(node, 'msp', 'signcerts', file)),
    ),
  ]);
  return {
    msp,
    ...(own?.orderer !== undefined && { ordererHeight: own.orderer }),
    ...(own?.peer !== undefined && { peerHeight: own.peer }),
    ...(own?.peer !== undefined && height !== undefined && { lag: Math.max(0, height - own.peer) }),
    diskBytes: sizeOf(folders.peerData) + sizeOf(folders.ordererData),
    certificateUntil: new Date(Math.min(...ends)).toISOString(),
  };
}

async function askLeader(port: number): Promise<number> {
  const signal = AbortSignal.timeout(2000);
  const response = await fetch(`http://127.0.0.1:${String(port)}/metrics`, { signal });
  return Number(/^consensus_BFT_leader_id\S* (\d+)/m.exec(await response.text())?.[1] ?? 0);
}

function certificateEnd(file: string): number {
  return Date.parse(new X509Certificate(readFileSync(file)).validTo);
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
