// SPDX-License-Identifier: Apache-2.0
// Nodes that lost their data join the channel again from its first block and take every block from the others.
import { installPackages, joinOrderer, joinPeer } from './lifecycle.ts';
import { isStamped, stampData } from './network-folder.ts';
import { ordererHeight, peerHeight } from './status.ts';
import type { Packages } from './chaincode-hosts.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

/** Who rejoins what. */
export interface RejoinOptions {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly progress: (line: string) => void;
}

/** Joins every running node that is not in the channel. @throws START_FAILED */
export async function rejoinNodes(options: RejoinOptions, packages: Packages): Promise<void> {
  const { organisations } = options.layout;
  await Promise.all(organisations.map((each) => rejoinOrderer(options, each)));
  await Promise.all(organisations.map((each) => rejoinPeer(options, each, packages)));
}

async function rejoinOrderer(
  { layout, programs, progress }: RejoinOptions,
  organisation: OrganisationLayout,
): Promise<void> {
  if (isStamped(organisation, 'orderer')) return;
  const height = await ordererHeight(programs, layout, organisation).catch(() => NaN);
  if (!(height > 0)) {
    progress(`orderer-${organisation.msp} has no data: joining it again`);
    await joinOrderer(programs, layout, organisation, layout.genesisBlock);
  }
  stampData(layout, organisation, 'orderer');
}

async function rejoinPeer(
  { layout, programs, progress }: RejoinOptions,
  organisation: OrganisationLayout,
  packages: Packages,
): Promise<void> {
  if (isStamped(organisation, 'peer')) return;
  const height = await peerHeight(programs, layout, organisation).catch(() => NaN);
  if (!(height > 0)) {
    progress(`peer-${organisation.msp} has no data: joining it again`);
    await joinPeer(programs, layout, organisation);
  }
  await installPackages(programs, organisation, packages);
  stampData(layout, organisation, 'peer');
}
