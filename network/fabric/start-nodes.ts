// SPDX-License-Identifier: Apache-2.0
// An organisation's orderer and peer as processes: started where they do not run, awaited until they say that they are well.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ordererSettings, peerSettings } from './node-settings.ts';
import { awaitHealth, startProcess } from './processes.ts';
import type { Layout, OrganisationLayout, OrganisationPorts } from './layout.ts';
import type { Programs } from './programs.ts';

/** Starts an organisation's orderer and peer where they do not run, in a place of their own if told so. */
export function startNodes(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
  through: readonly string[] = [],
): void {
  startOrderer(programs, layout, organisation, through);
  startPeer(programs, layout, organisation, through);
}

/** Starts an organisation's orderer where it does not run. */
export function startOrderer(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
  through: readonly string[] = [],
): void {
  startProcess(layout, {
    through,
    name: `orderer-${organisation.msp}`,
    program: programs.paths.orderer,
    args: [],
    env: ordererSettings(programs, organisation),
  });
}

/** Starts an organisation's peer where it does not run. */
export function startPeer(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
  through: readonly string[] = [],
): void {
  const { msp, folders } = organisation;
  mkdirSync(folders.peerData, { recursive: true, mode: 0o700 });
  link(join(programs.configFolder, 'core.yaml'), join(folders.peerData, 'core.yaml'));
  link(join(folders.peer, 'tls'), join(folders.peerData, 'tls'));
  startProcess(layout, {
    through,
    name: `peer-${msp}`,
    program: programs.paths.peer,
    args: ['node', 'start'],
    env: peerSettings(layout, organisation),
  });
}

/** Waits until orderers and peers say that they are well. @throws START_FAILED */
export async function awaitNodes(layout: Layout): Promise<void> {
  for (const { msp, ports } of layout.organisations) {
    await awaitHealth(layout, `orderer-${msp}`, ports.ordererOperations);
    await awaitHealth(layout, `peer-${msp}`, ports.peerOperations);
  }
}

/** All ports of an organisation. */
export function portsOf(ports: OrganisationPorts): number[] {
  return Object.values<number>({ ...ports });
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
