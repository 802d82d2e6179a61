// SPDX-License-Identifier: Apache-2.0
// Whether all nodes hold one chain: one height everywhere, and one hash of the last block at every peer.
import { peer } from '@zhenglian/network/fabric/lifecycle';
import { ordererHeight } from '@zhenglian/network/fabric/status';
import type { Layout, OrganisationLayout } from '@zhenglian/network/fabric/layout';
import type { Programs } from '@zhenglian/network/fabric/programs';
import { until } from './steady.ts';

interface Nodes {
  readonly programs: Programs;
  readonly layout: Layout;
}

/** The last block of a peer. */
export interface Head {
  readonly height: number;
  readonly hash: string;
}

/** Waits until all nodes agree; false when they do not in five minutes. */
export async function awaitAgreement(nodes: Nodes): Promise<boolean> {
  try {
    await until('heads that agree', () => headsAgree(nodes));
    return true;
  } catch {
    return false;
  }
}

/** Head of an organisation's peer. @throws START_FAILED when it does not answer */
export async function peerHead(
  { programs, layout }: Nodes,
  organisation: OrganisationLayout,
): Promise<Head> {
  const { channel } = layout.definition;
  const said = await peer(programs, organisation, ['channel', 'getinfo', '-c', channel]);
  const height = Number(/"height":(\d+)/.exec(said)?.[1]);
  return { height, hash: /"currentBlockHash":"([^"]+)"/.exec(said)?.[1] ?? '' };
}

/** Heights of the orderers of organisations. @throws START_FAILED when one does not answer */
export function ordererHeights(
  { programs, layout }: Nodes,
  organisations: readonly OrganisationLayout[],
): Promise<number[]> {
  return Promise.all(organisations.map((each) => ordererHeight(programs, layout, each)));
}

async function headsAgree(nodes: Nodes): Promise<boolean> {
  const { organisations } = nodes.layout;
  try {
    const heads = await Promise.all(organisations.map((each) => peerHead(nodes, each)));
    const heights = await ordererHeights(nodes, organisations);
    const hashes = new Set(heads.map(({ hash }) => hash));
    const all = new Set([...heads.map(({ height }) => height), ...heights]);
    return all.size === 1 && hashes.size === 1 && !hashes.has('');
  } catch {
    return false; // a node does not answer yet
  }
}
