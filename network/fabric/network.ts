// SPDX-License-Identifier: Apache-2.0
// Brings a network of real Fabric nodes up and down as plain processes. `up` twice is `up` once; a network that was only half made is made anew.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { generateGenesis } from './channel-config.ts';
import { openPackages, preparePackages, startHosts, writeConnections } from './chaincode-hosts.ts';
import { KEEPER, startKeeper } from './chaincode-keeper.ts';
import { generateCrypto } from './crypto.ts';
import { deployChaincodes, joinOrderers, joinPeers } from './lifecycle.ts';
import { ordererSettings, peerSettings } from './node-settings.ts';
import {
  awaitHealth,
  listProcesses,
  processState,
  requireFreePorts,
  startProcess,
  stopProcess,
} from './processes.ts';
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
 * Makes the network where there is none, starts what does not run, waits until every node is well.
 * What was started is ended again when it fails. @throws PORT_IN_USE, START_FAILED
 */
export async function bringUp(options: UpOptions): Promise<void> {
  const { layout, progress } = options;
  const founded = isFounded(layout);
  try {
    if (founded) await startAgain(options);
    else await create(options);
    startKeeper(layout, options.bundles);
  } catch (error) {
    progress('that failed: ending what was started');
    await bringDown(layout);
    if (!founded) rmSync(join(layout.folder, 'data'), { recursive: true, force: true });
    throw error;
  }
}

/** Ends every process: hosts, peers, orderers. */
export async function bringDown(layout: Layout): Promise<void> {
  const names = listProcesses(layout).map(({ name }) => name);
  for (const kind of [KEEPER, 'host-', 'peer-', 'orderer-']) {
    const group = names.filter((name) => name.startsWith(kind));
    await Promise.all(group.map((name) => stopProcess(layout, name)));
  }
}

/** Ends every process and removes everything that `bringUp` made. */
export async function reset(layout: Layout): Promise<void> {
  await bringDown(layout);
  for (const name of MADE) rmSync(join(layout.folder, name), { recursive: true, force: true });
}

/** Tells whether the network of this folder was made to its end. @throws START_FAILED when another one was */
export function isFounded(layout: Layout): boolean {
  const marker = join(layout.folder, MARKER);
  if (!existsSync(marker)) return false;
  if (readFileSync(marker, 'utf8') !== identityOf(layout)) {
    const words = `${layout.folder} holds a network of other organisations or ports; use them, or reset it`;
    throw new CodedError('START_FAILED', words);
  }
  return true;
}

/** Starts an organisation's orderer and peer where they do not run. */
export function startNodes(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
): void {
  const { msp, folders } = organisation;
  startProcess(layout, {
    name: `orderer-${msp}`,
    program: programs.paths.orderer,
    args: [],
    env: ordererSettings(programs, organisation),
  });
  mkdirSync(folders.peerData, { recursive: true, mode: 0o700 });
  link(join(programs.configFolder, 'core.yaml'), join(folders.peerData, 'core.yaml'));
  link(join(folders.peer, 'tls'), join(folders.peerData, 'tls'));
  startProcess(layout, {
    name: `peer-${msp}`,
    program: programs.paths.peer,
    args: ['node', 'start'],
    env: peerSettings(layout, organisation),
  });
}

const MARKER = 'network.json';
const MADE = [
  'keeper.json',
  ...[MARKER, 'configtx.yaml', 'crypto-config.yaml', 'genesis.block'],
  ...['crypto', 'data', 'logs', 'packages', 'processes', 'tmp'],
];

async function create(options: UpOptions): Promise<void> {
  const { layout, programs, bundles, progress } = options;
  await reset(layout);
  await requireFreePorts(layout.organisations.flatMap(({ ports }) => portsOf(ports)));
  mkdirSync(join(layout.folder, 'tmp'), { recursive: true, mode: 0o700 });
  progress('making certificates and the first block');
  await generateCrypto(programs, layout);
  await generateGenesis(programs, layout);
  const packages = preparePackages(layout, bundles);
  writeConnections(layout, packages);
  progress('starting orderers, peers and chaincode hosts');
  for (const organisation of layout.organisations) startNodes(programs, layout, organisation);
  const hosts = startHosts(layout, packages, bundles);
  await Promise.all([hosts, awaitNodes(layout)]);
  progress('joining the channel, installing packages');
  await joinOrderers(programs, layout);
  await joinPeers(programs, layout, packages);
  progress('approving and committing chaincode definitions');
  await deployChaincodes(programs, layout, packages);
  writeFileSync(join(layout.folder, MARKER), identityOf(layout));
}

function portsOf(ports: OrganisationPorts): number[] {
  return Object.values<number>({ ...ports });
}

async function startAgain({ layout, programs, bundles, progress }: UpOptions): Promise<void> {
  const wanted = layout.organisations.flatMap(({ msp, ports }) => [
    ...(processState(layout, `orderer-${msp}`)?.alive ? [] : [ports.orderer]),
    ...(processState(layout, `peer-${msp}`)?.alive ? [] : [ports.peer]),
  ]);
  await requireFreePorts(wanted);
  progress('starting what does not run');
  await stopProcess(layout, KEEPER); // it would start hosts beside us
  const packages = openPackages(layout, bundles);
  for (const organisation of layout.organisations) startNodes(programs, layout, organisation);
  await Promise.all([startHosts(layout, packages, bundles), awaitNodes(layout)]);
}

async function awaitNodes(layout: Layout): Promise<void> {
  for (const { msp, ports } of layout.organisations) {
    await awaitHealth(layout, `orderer-${msp}`, ports.ordererOperations);
    await awaitHealth(layout, `peer-${msp}`, ports.peerOperations);
  }
}

function identityOf({ definition, firstPort }: Layout): string {
  return `${JSON.stringify({ version: 1, firstPort, definition }, null, 2)}\n`;
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
