// SPDX-License-Identifier: Apache-2.0
// Brings a running network's contracts to the present bundles, by Fabric's lifecycle and without a pause: the new version's hosts serve
// beside the old ones until every peer has the new definitions in a block. An interrupted run goes on where it stopped.
import { CodedError, isCodedError } from '@zhenglian/core/errors';
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
import { approveInForce, definitionOf, deploy, packageOf } from './definitions.ts';
import { goOn, reasonOf } from './interruption.ts';
import { committedDefinitions, installPackages } from './lifecycle.ts';
import { organisationOf } from './members.ts';
import { bringDown, bringUp } from './network.ts';
import { requireFounded } from './network-folder.ts';
import { listProcesses, requireFreePorts, stopProcess, processState } from './processes.ts';
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
  /** MSPs that took what an earlier upgrade had gone on without them for. */
  readonly finished: readonly string[];
  /** MSPs that have yet to take what is in force: this command does it once their peers run. */
  readonly behind: readonly string[];
}

/** What to upgrade, and whose nodes are left as they are since its peer cannot run. */
export interface UpgradeOptions extends UpOptions {
  readonly without?: string;
}

/**
 * Upgrades to `bundles`; a network made with others is brought up with its own first. A majority is enough: who is left out takes it later.
 * @throws START_FAILED, LEDGER_UNAVAILABLE, PORT_IN_USE; the same call goes on with what was begun
 */
export async function upgradeChaincodes(options: UpgradeOptions): Promise<UpgradeReport> {
  const { layout, bundles } = options;
  requireFounded(layout);
  requireJoined(layout);
  const present = membersOf(options);
  const { serving: from, next } = readVersions(layout);
  const running = listProcesses(layout).flatMap(({ name, alive }) => (alive ? [name] : []));
  try {
    const kept = keptBundles(layout, next ?? from);
    await bringUp({ ...options, layout: present, bundles: kept });
    await requireNodes(options.programs, present);
    const names: string[] = [];
    // What an interrupted run began is ended first; the present bundles may be others again.
    if (next) names.push(...(await upgradeTo(options, next)));
    const planned = plan(layout, bundles);
    if (planned) names.push(...(await upgradeTo(options, planned)));
    const finished = await finish(options);
    const { serving: to, behind = [] } = readVersions(layout);
    return { from, to, names, finished, behind };
  } catch (error) {
    if (!layout.signal?.aborted) throw withAdvice(options, error);
    await leave(options, running);
    throw reasonOf(layout, error);
  }
}

/** Told to stop: what it started is ended. But in a network that ran, hosts of the new version stay: a name may be defined with it already. */
async function leave(
  { layout, progress }: UpgradeOptions,
  running: readonly string[],
): Promise<void> {
  const { next } = readVersions(layout);
  const ran = layout.organisations.some(({ msp }) => running.includes(`peer-${msp}`));
  const hosts =
    ran && next
      ? layout.organisations.flatMap(({ msp }) =>
          PACKAGE_KINDS.map((kind) => hostName(msp, kind, next[kind])),
        )
      : [];
  const isAlive = (name: string) => processState(layout, name)?.alive === true;
  const added = hosts.filter((name) => !running.includes(name) && isAlive(name));
  progress('interrupted: ending what was started');
  await bringDown(layout, [...running, ...hosts]);
  if (running.includes(KEEPER)) startKeeper(layout);
  if (added.length === 0) return;
  progress(`${added.join(', ')} stay, since contracts may be defined with them already`);
  progress('upgrade-chaincode goes on where it stopped, down ends every process');
}

/** The network without the one that is left out. @throws START_FAILED, LEDGER_UNAVAILABLE when these are no majority */
function membersOf({ layout, without }: UpgradeOptions): Layout {
  if (without === undefined) return layout;
  organisationOf(layout, without);
  const organisations = layout.organisations.filter(({ msp }) => msp !== without);
  if (organisations.length > layout.organisations.length / 2) return { ...layout, organisations };
  throw new CodedError('LEDGER_UNAVAILABLE', 'contracts are upgraded by a majority');
}

/** A peer that cannot run keeps nobody from upgrading. */
function withAdvice({ layout, without }: UpgradeOptions, error: unknown): unknown {
  const isOurs = isCodedError(error, 'START_FAILED') || isCodedError(error, 'LEDGER_UNAVAILABLE');
  const down = layout.organisations.filter(
    ({ msp }) => msp !== without && !processState(layout, `peer-${msp}`)?.alive,
  );
  const [{ msp } = { msp: '' }, ...others] = down;
  if (!isOurs || msp === '' || others.length > 0) return error;
  const words = `${error.message}; peer-${msp} does not run: upgrade-chaincode --without ${msp} goes on by the majority, and without that option finishes it later`;
  return new CodedError(error.code, words, { cause: error });
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

async function upgradeTo(options: UpgradeOptions, next: Versions): Promise<string[]> {
  const { layout, programs, progress, without } = options;
  const { serving, behind = [] } = readVersions(layout);
  const left = without === undefined ? behind : [...new Set([...behind, without])];
  const packages = openPackages(layout, next);
  progress('starting hosts of the new version beside the old ones');
  await requireFreeHosts(layout, serving, next);
  writeConnections(layout, packages);
  await stopProcess(layout, KEEPER); // two starters of one host would leave one of it behind
  writeVersions(layout, { serving, next, behind: left });
  await startHosts(layout, packages);
  startKeeper(layout); // it minds both versions
  goOn(layout);
  progress('installing the new packages');
  const { organisations } = membersOf(options);
  await Promise.all(organisations.map((each) => installPackages(programs, each, packages)));
  const names = await commitAll(options, packages);
  progress('ending the hosts of the old version');
  await retire(layout, serving, next);
  return names;
}

/** One name after the other, the consortium's first, since the others read it; every organisation that is there approves, so that each can endorse. */
async function commitAll(options: UpgradeOptions, packages: Packages): Promise<string[]> {
  const { layout, programs, progress } = options;
  const present = membersOf(options);
  const [first] = present.organisations;
  if (!first) return [];
  const committed = await committedDefinitions(programs, layout, first);
  const changed: string[] = [];
  for (const name of chaincodeNames(layout.organisations.map(({ msp }) => msp))) {
    const chaincode = packageOf(name, packages);
    const found = committed.find((each) => each.name === name);
    if (!found) throw new CodedError('START_FAILED', `${name} was never committed: reset`);
    if (found.version === String(chaincode.version)) continue;
    goOn(layout);
    progress(`${name} to version ${String(chaincode.version)}`);
    const orderer = await leadingOrderer(layout);
    await deploy(
      { programs, layout: present, orderer },
      definitionOf(name, chaincode, found.sequence + 1),
    );
    changed.push(name);
  }
  return changed;
}

/** Who was left out earlier, and is there now, takes what is in force. */
async function finish(options: UpgradeOptions): Promise<string[]> {
  const { layout, programs, progress, without } = options;
  const { serving, behind = [] } = readVersions(layout);
  const back = layout.organisations.filter(({ msp }) => behind.includes(msp) && msp !== without);
  const member = layout.organisations.find(({ msp }) => !behind.includes(msp) && msp !== without);
  for (const organisation of back) {
    goOn(layout);
    progress(`${organisation.msp} installs and approves what is in force`);
    const administration = { programs, layout, orderer: await leadingOrderer(layout) };
    const packages = openPackages(layout, serving);
    await approveInForce(administration, organisation, packages, member ?? organisation);
  }
  const left = behind.filter((msp) => msp === without);
  if (back.length > 0) writeVersions(layout, { serving, behind: left });
  return back.map(({ msp }) => msp);
}

/** Every peer has committed, so no new call goes to an old host; it ends when the calls that it serves have ended. */
async function retire(layout: Layout, serving: Versions, next: Versions): Promise<void> {
  await stopProcess(layout, KEEPER); // it would start them again
  const { behind = [] } = readVersions(layout);
  writeVersions(layout, { serving: next, behind });
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
