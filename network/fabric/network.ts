// SPDX-License-Identifier: Apache-2.0
// Brings a network of real Fabric nodes up and down as plain processes. `up` twice is `up` once; a network that was only half made is made anew.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { readAdded } from './added-organisations.ts';
import { generateGenesis } from './channel-config.ts';
import { openPackages, preparePackages, startHosts, writeConnections } from './chaincode-hosts.ts';
import { KEEPER, startKeeper } from './chaincode-keeper.ts';
import { isPromised } from './chaincode-package.ts';
import { PACKAGE_KINDS, readVersions } from './chaincode-versions.ts';
import { generateCrypto } from './crypto.ts';
import { deployChaincodes } from './definitions.ts';
import { joinOrderers, joinPeers } from './lifecycle.ts';
import {
  abandonMaking,
  beginMaking,
  endMaking,
  isFounded,
  removeMade,
  requireOurs,
  requireWhole,
} from './network-folder.ts';
import { ordererSettings, peerSettings } from './node-settings.ts';
import {
  awaitHealth,
  listProcesses,
  processState,
  requireFreePorts,
  startProcess,
  stopProcess,
} from './processes.ts';
import { rejoinNodes } from './rejoin.ts';
import { restartStuckOrderers } from './stuck-orderers.ts';
import type { BundlePaths } from '../embedded/contracts.ts';
import type { Layout, OrganisationLayout, OrganisationPorts } from './layout.ts';
import type { Programs } from './programs.ts';

/** What to bring up. */
export interface UpOptions {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly bundles: BundlePaths;
  /** Told what is being done, a line each. */
  readonly progress: (line: string) => void;
}

/**
 * Makes the network where there is none, starts what does not run, waits until every node is well. A node without data takes them from the others.
 * What was started is ended again when it fails. @throws PORT_IN_USE, START_FAILED
 */
export async function bringUp(options: UpOptions): Promise<void> {
  const { layout, progress } = options;
  const founded = isFounded(layout);
  if (founded) {
    requireWhole(layout);
    requireServed(layout, options.bundles);
  } else {
    await bringDown(layout); // an attempt that was killed has left its nodes
    beginMaking(layout);
  }
  const running = listProcesses(layout).flatMap(({ name, alive }) => (alive ? [name] : []));
  try {
    if (founded) await startAgain(options);
    else await create(options);
    startKeeper(layout);
  } catch (error) {
    progress('that failed: ending what was started');
    await bringDown(layout, running);
    if (running.includes(KEEPER)) startKeeper(layout);
    if (!founded) abandonMaking(layout);
    throw error;
  }
}

/** Ends every process: hosts, peers, orderers; but for those that are to stay. */
export async function bringDown(layout: Layout, staying: readonly string[] = []): Promise<void> {
  const all = listProcesses(layout).map(({ name }) => name);
  const names = all.filter((name) => !staying.includes(name));
  for (const kind of [KEEPER, 'host-', 'peer-', 'orderer-', 'relay-']) {
    const group = names.filter((name) => name.startsWith(kind));
    await Promise.all(group.map((name) => stopProcess(layout, name)));
  }
}

/** Ends every process and removes everything that a network makes. @throws START_FAILED where there is no network */
export async function reset(layout: Layout): Promise<void> {
  requireOurs(layout);
  await bringDown(layout);
  removeMade(layout);
}

/** Starts an organisation's orderer and peer where they do not run, in a place of their own if told so. */
export function startNodes(
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
  startPeer(programs, layout, organisation, through);
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

async function create(options: UpOptions): Promise<void> {
  const { layout, programs, bundles, progress } = options;
  await requireFreePorts(layout.organisations.flatMap(({ ports }) => portsOf(ports)));
  progress('making certificates and the first block');
  await generateCrypto(programs, layout);
  await generateGenesis(programs, layout);
  const packages = preparePackages(layout, bundles);
  writeConnections(layout, packages);
  progress('starting orderers, peers and chaincode hosts');
  for (const organisation of layout.organisations) startNodes(programs, layout, organisation);
  const hosts = startHosts(layout, packages);
  await Promise.all([hosts, awaitNodes(layout)]);
  progress('joining the channel, installing packages');
  await joinOrderers(programs, layout);
  await joinPeers(programs, layout, packages);
  progress('approving and committing chaincode definitions');
  await deployChaincodes(programs, layout, packages);
  endMaking(layout);
}

async function startAgain(options: UpOptions): Promise<void> {
  const { layout, programs, progress } = options;
  const wanted = layout.organisations.flatMap(({ msp, ports }) => [
    ...(processState(layout, `orderer-${msp}`)?.alive ? [] : [ports.orderer]),
    ...(processState(layout, `peer-${msp}`)?.alive ? [] : [ports.peer]),
  ]);
  await requireFreePorts(wanted);
  for (const { msp, joined } of readAdded(layout.folder)) {
    if (!joined) progress(`${msp} has not finished joining: npm run fabric -- add-org ${msp}`);
  }
  progress('starting what does not run');
  await stopProcess(layout, KEEPER); // it would start hosts beside us
  const { serving, next } = readVersions(layout);
  const packages = openPackages(layout, serving);
  for (const organisation of layout.organisations) startNodes(programs, layout, organisation);
  await Promise.all([startHosts(layout, packages), awaitNodes(layout)]);
  if (next) {
    progress('an upgrade has begun: npm run fabric -- upgrade-chaincode ends it');
    await startHosts(layout, openPackages(layout, next));
  }
  await rejoinNodes(options, packages);
  for (const msp of await restartStuckOrderers(programs, layout)) {
    progress(`orderer-${msp} stood still and was started again`);
  }
}

/** Contracts of another build than the network's are a matter of an upgrade. @throws START_FAILED */
function requireServed(layout: Layout, bundles: BundlePaths): void {
  const { serving, next } = readVersions(layout);
  const packages = openPackages(layout, next ?? serving);
  if (PACKAGE_KINDS.every((kind) => isPromised(packages[kind].file, bundles[kind]))) return;
  throw new CodedError(
    'START_FAILED',
    `the network in ${layout.folder} was made with other contracts: npm run fabric -- upgrade-chaincode starts it with its own and upgrades it; reset makes it anew`,
  );
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
