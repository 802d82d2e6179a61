// SPDX-License-Identifier: Apache-2.0
// Brings a network of real Fabric nodes up and down as plain processes. `up` twice is `up` once; a network that was only half made is made anew.
import { CodedError } from '@zhenglian/core/errors';
import { readAdded } from './added-organisations.ts';
import { generateGenesis } from './channel-config.ts';
import {
  hostName,
  hostPort,
  openPackages,
  preparePackages,
  startHosts,
  writeConnections,
} from './chaincode-hosts.ts';
import { KEEPER, startKeeper } from './chaincode-keeper.ts';
import { isPromised } from './chaincode-package.ts';
import { PACKAGE_KINDS, readVersions } from './chaincode-versions.ts';
import { generateCrypto } from './crypto.ts';
import { deployChaincodes } from './definitions.ts';
import { goOn, reasonOf } from './interruption.ts';
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
import {
  endStandIns,
  listProcesses,
  processState,
  requireFreePorts,
  stopProcess,
} from './processes.ts';
import { rejoinNodes } from './rejoin.ts';
import { awaitNodes, portsOf, startNodes } from './start-nodes.ts';
import { restartStuckOrderers } from './stuck-orderers.ts';
import type { BundlePaths } from '../bundles.ts';
import type { Versions } from './chaincode-versions.ts';
import type { Layout } from './layout.ts';
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
 * What was started is ended again when it fails or is told to stop. @throws PORT_IN_USE, START_FAILED; the signal's reason
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
    goOn(layout);
    startKeeper(layout);
  } catch (error) {
    progress(`${layout.signal?.aborted ? 'interrupted' : 'that failed'}: ending what was started`);
    await bringDown(layout, running);
    if (running.includes(KEEPER)) startKeeper(layout);
    if (!founded) abandonMaking(layout);
    throw reasonOf(layout, error);
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

async function create(options: UpOptions): Promise<void> {
  const { layout, programs, bundles, progress } = options;
  await requireFreePorts(layout.organisations.flatMap(({ ports }) => portsOf(ports)));
  progress('making certificates and the first block');
  await generateCrypto(programs, layout);
  await generateGenesis(programs, layout);
  const packages = preparePackages(layout, bundles);
  writeConnections(layout, packages);
  goOn(layout);
  progress('starting orderers, peers and chaincode hosts');
  for (const organisation of layout.organisations) startNodes(programs, layout, organisation);
  const hosts = startHosts(layout, packages);
  await Promise.all([hosts, awaitNodes(layout)]);
  goOn(layout);
  progress('joining the channel, installing packages');
  await joinOrderers(programs, layout);
  await joinPeers(programs, layout, packages);
  goOn(layout);
  progress('approving and committing chaincode definitions');
  await deployChaincodes(programs, layout, packages);
  goOn(layout);
  endMaking(layout);
}

async function startAgain(options: UpOptions): Promise<void> {
  const { layout, programs, progress } = options;
  await stopProcess(layout, KEEPER); // it would start hosts beside us
  const ended = await endStandIns(layout);
  if (ended.length > 0) progress(`ended what a drill left behind: ${ended.join(', ')}`);
  const { serving, next, behind = [] } = readVersions(layout);
  const packages = openPackages(layout, serving);
  await requireFreePorts(missingPorts(layout, next ? [serving, next] : [serving]));
  for (const { msp, joined } of readAdded(layout.folder)) {
    if (!joined) progress(`${msp} has not finished joining: npm run fabric -- add-org ${msp}`);
  }
  for (const msp of behind) {
    progress(`${msp} has not taken the contracts in force: npm run fabric -- upgrade-chaincode`);
  }
  goOn(layout);
  progress('starting what does not run');
  for (const organisation of layout.organisations) startNodes(programs, layout, organisation);
  await Promise.all([startHosts(layout, packages), awaitNodes(layout)]);
  if (next) {
    progress('an upgrade has begun: npm run fabric -- upgrade-chaincode ends it');
    await startHosts(layout, openPackages(layout, next));
  }
  goOn(layout);
  await rejoinNodes(options, packages);
  for (const msp of await restartStuckOrderers(programs, layout)) {
    progress(`orderer-${msp} stood still and was started again`);
  }
}

/** Every port of every process that does not run: a stranger at any of them would be taken for it, or keep it from starting. */
function missingPorts(layout: Layout, versions: readonly Versions[]): number[] {
  return layout.organisations.flatMap((organisation) => {
    const { msp, ports } = organisation;
    const hosts = versions.flatMap((each) =>
      PACKAGE_KINDS.map((kind) => ({
        name: hostName(msp, kind, each[kind]),
        own: [hostPort(organisation, kind, each[kind])],
      })),
    );
    const { orderer, ordererAdmin, ordererOperations, peer, peerChaincode, peerOperations } = ports;
    return [
      { name: `orderer-${msp}`, own: [orderer, ordererAdmin, ordererOperations] },
      { name: `peer-${msp}`, own: [peer, peerChaincode, peerOperations] },
      ...hosts,
    ].flatMap(({ name, own }) => (processState(layout, name)?.alive ? [] : own));
  });
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
