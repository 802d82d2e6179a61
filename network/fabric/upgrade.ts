// SPDX-License-Identifier: Apache-2.0
// Brings a running network's contracts to the present bundles, by Fabric's lifecycle and without a pause: the new version's hosts serve
// beside the old ones until every peer has the new definitions in a block. An interrupted run goes on where it stopped.
import { CodedError } from '@zhenglian/core/errors';
import { chaincodeNames } from '../definition.ts';
import {
  hostName,
  hostPort,
  keptBundles,
  openPackages,
  preparePackages,
  startHosts,
  writeConnections,
} from './chaincode-hosts.ts';
import { KEEPER, startKeeper } from './chaincode-keeper.ts';
import { isPromised } from './chaincode-package.ts';
import { PACKAGE_KINDS, readVersions, writeVersions } from './chaincode-versions.ts';
import { definitionOf, deploy, packageOf } from './definitions.ts';
import { committedDefinitions, installPackages } from './lifecycle.ts';
import { bringUp } from './network.ts';
import { requireFounded } from './network-folder.ts';
import { requireFreePorts, stopProcess, processState } from './processes.ts';
import { readAdded } from './added-organisations.ts';
import { requireNodes } from './require-nodes.ts';
import { leadingOrderer } from './status.ts';
import type { BundlePaths } from '../bundles.ts';
import type { Packages } from './chaincode-hosts.ts';
import type { Versions } from './chaincode-versions.ts';
import type { Layout } from './layout.ts';
import type { UpOptions } from './network.ts';

/** What an upgrade did: the same versions when there was nothing to do. */
export interface UpgradeReport {
  readonly from: Versions;
  readonly to: Versions;
  /** Names that have a new definition. */
  readonly names: readonly string[];
}

/** Upgrades to `bundles`; a network made with others is brought up with its own first. @throws START_FAILED, LEDGER_UNAVAILABLE, PORT_IN_USE */
export async function upgradeChaincodes(options: UpOptions): Promise<UpgradeReport> {
  const { layout, programs, bundles } = options;
  requireFounded(layout);
  requireJoined(layout);
  const { serving: from, next } = readVersions(layout);
  await bringUp({ ...options, bundles: keptBundles(layout, next ?? from) });
  await requireNodes(programs, layout);
  const names: string[] = [];
  // What an interrupted run began is ended first; the present bundles may be others again.
  if (next) names.push(...(await upgradeTo(options, next)));
  const present = plan(layout, bundles);
  if (present) names.push(...(await upgradeTo(options, present)));
  return { from, to: readVersions(layout).serving, names };
}

/** Who has not finished joining would go on with the versions it began with. @throws START_FAILED */
function requireJoined({ folder }: Layout): void {
  const half = readAdded(folder).find(({ joined }) => !joined);
  if (half === undefined) return;
  const words = `${half.msp} has not finished joining: npm run fabric -- add-org ${half.msp} first`;
  throw new CodedError('START_FAILED', words);
}

/** Versions with the present bundles, their packages written; or nothing where these are served already. */
function plan(layout: Layout, bundles: BundlePaths): Versions | undefined {
  const { serving } = readVersions(layout);
  const packages = openPackages(layout, serving);
  const isServed = (kind: (typeof PACKAGE_KINDS)[number]) =>
    isPromised(packages[kind].file, bundles[kind]);
  if (PACKAGE_KINDS.every(isServed)) return undefined;
  const kept = keptBundles(layout, serving);
  const version = (kind: (typeof PACKAGE_KINDS)[number]) =>
    isServed(kind) ? serving[kind] : serving[kind] + 1;
  const bundle = (kind: (typeof PACKAGE_KINDS)[number]) =>
    isServed(kind) ? kept[kind] : bundles[kind];
  const next = { consortium: version('consortium'), organisation: version('organisation') };
  preparePackages(
    layout,
    { consortium: bundle('consortium'), organisation: bundle('organisation') },
    next,
  );
  return next;
}

async function upgradeTo(options: UpOptions, next: Versions): Promise<string[]> {
  const { layout, programs, progress } = options;
  const { serving } = readVersions(layout);
  const packages = openPackages(layout, next);
  progress('starting hosts of the new version beside the old ones');
  await requireFreeHosts(layout, serving, next);
  writeConnections(layout, packages);
  await stopProcess(layout, KEEPER); // two starters of one host would leave one of it behind
  writeVersions(layout, { serving, next });
  await startHosts(layout, packages);
  startKeeper(layout); // it minds both versions
  progress('installing the new packages');
  await Promise.all(layout.organisations.map((each) => installPackages(programs, each, packages)));
  const names = await commitAll(options, packages);
  progress('ending the hosts of the old version');
  await retire(layout, serving, next);
  return names;
}

/** One name after the other, the consortium's first, since the others read it; every organisation approves, so that each can endorse. */
async function commitAll(options: UpOptions, packages: Packages): Promise<string[]> {
  const { layout, programs, progress } = options;
  const [first] = layout.organisations;
  if (!first) return [];
  const committed = await committedDefinitions(programs, layout, first);
  const changed: string[] = [];
  for (const name of chaincodeNames(layout.organisations.map(({ msp }) => msp))) {
    const chaincode = packageOf(name, packages);
    const found = committed.find((each) => each.name === name);
    if (!found) throw new CodedError('START_FAILED', `${name} was never committed: reset`);
    if (found.version === String(chaincode.version)) continue;
    progress(`${name} to version ${String(chaincode.version)}`);
    const administration = { programs, layout, orderer: await leadingOrderer(layout) };
    await deploy(administration, definitionOf(name, chaincode, found.sequence + 1));
    changed.push(name);
  }
  return changed;
}

/** Every peer has committed, so no new call goes to an old host; it ends when the calls that it serves have ended. */
async function retire(layout: Layout, serving: Versions, next: Versions): Promise<void> {
  await stopProcess(layout, KEEPER); // it would start them again
  writeVersions(layout, { serving: next });
  const old = PACKAGE_KINDS.filter((kind) => serving[kind] !== next[kind]);
  await Promise.all(
    layout.organisations.flatMap(({ msp }) =>
      old.map((kind) => stopProcess(layout, hostName(msp, kind, serving[kind]))),
    ),
  );
  startKeeper(layout);
}

async function requireFreeHosts(layout: Layout, serving: Versions, next: Versions): Promise<void> {
  const added = PACKAGE_KINDS.filter((kind) => serving[kind] !== next[kind]);
  const ports = layout.organisations.flatMap((organisation) =>
    added
      .filter((kind) => !processState(layout, hostName(organisation.msp, kind, next[kind]))?.alive)
      .map((kind) => hostPort(organisation, kind, next[kind])),
  );
  await requireFreePorts(ports);
}
