// SPDX-License-Identifier: Apache-2.0
// An organisation joins a running network. Each step looks whether it is done already, so that an interrupted run goes on where it stopped:
// certificates; organisation, orderer endpoint and policies into the channel; its orderer follows and catches up; consenter and block policy
// in one update; its peer joins, installs and approves what is in force; its own chaincode. Admission by vote comes after (scripts).
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import {
  forgetOrganisation,
  planOrganisation,
  readAdded,
  recordOrganisation,
} from './added-organisations.ts';
import { hostName, openPackages } from './chaincode-hosts.ts';
import { PACKAGE_KINDS, readVersions } from './chaincode-versions.ts';
import { fetchConfig, updateChannel } from './channel-update.ts';
import { hasConsenter, hasOrganisation, withConsenter, withOrganisation } from './config-update.ts';
import {
  awaitConsenter,
  cryptoHomes,
  followChannel,
  joinAsEndorser,
  makeCertificates,
  startOwn,
  wantedConfig,
} from './joining-steps.ts';
import { layoutOf } from './layout.ts';
import { goOn, reasonOf } from './interruption.ts';
import { organisationOf } from './members.ts';
import { portsOf } from './start-nodes.ts';
import { requireFounded, requireWhole } from './network-folder.ts';
import { processState, requireFreePorts, stopProcess } from './processes.ts';
import { requireNodes } from './require-nodes.ts';
import { leadingOrderer } from './status.ts';
import type { Candidate } from './added-organisations.ts';
import type { Joining, JoinOptions } from './joining-steps.ts';
import type { Layout, OrganisationLayout } from './layout.ts';

/**
 * Makes the candidate a member of the channel, with an orderer, a peer and a chaincode of its own. Returns the layout with it.
 * What fails before anything is on the channel leaves nothing behind; after that the same call goes on.
 * @throws START_FAILED (no such network, a name, prefix or port of another, an upgrade under way), LEDGER_UNAVAILABLE (a node is down), PORT_IN_USE
 */
export async function joinOrganisation(
  options: JoinOptions,
  candidate: Candidate,
): Promise<Layout> {
  const { layout } = options;
  requireFounded(layout);
  requireWhole(layout);
  const { serving, next } = readVersions(layout);
  if (next) throw failed('an upgrade is under way: npm run fabric -- upgrade-chaincode ends it');
  const entry = planOrganisation(layout, candidate);
  if (entry.joined) return layout;
  await requireNodes(options.programs, layout);
  const { folder, definition, firstPort } = layout;
  const joined = readAdded(folder).filter((each) => each.joined);
  const whole = {
    ...layout,
    organisations: layoutOf(folder, definition, firstPort, [...joined, entry]).organisations,
  };
  const organisation = organisationOf(whole, entry.msp);
  await requireOwnPorts(layout, organisation);
  recordOrganisation(layout, entry);
  const joining = {
    ...{ ...options, whole, organisation },
    administration: { ...options, orderer: await leadingOrderer(layout) },
    packages: openPackages(layout, serving),
    folder: join(folder, 'joining'),
  };
  try {
    await takeSteps(joining);
  } catch (error) {
    await undo(joining);
    throw reasonOf(layout, error);
  }
  return whole;
}

/** The organisation is a member: from now on every command knows it. */
export function completeJoining(layout: Layout, msp: string): void {
  const entry = readAdded(layout.folder).find((each) => each.msp === msp);
  if (!entry) throw failed(`${msp} is not joining`);
  recordOrganisation(layout, { ...entry, joined: true });
  rmSync(join(layout.folder, 'joining'), { recursive: true, force: true });
}

async function takeSteps(joining: Joining): Promise<void> {
  const { progress, organisation, administration, folder, whole } = joining;
  const { msp, ordererMsp } = organisation;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await makeCertificates(joining);
  const wanted = await wantedConfig(joining);
  goOn(whole);
  const file = join(folder, 'config.block');
  if (!hasOrganisation(await fetchConfig(administration, file), organisation)) {
    progress(`${msp} into the channel: organisation, orderer endpoint, policies`);
    await updateChannel(administration, folder, (config) =>
      withOrganisation(config, wanted, organisation),
    );
  }
  progress(`starting ${msp}'s orderer, peer and chaincode hosts`);
  await startOwn(joining);
  await followChannel(joining, file);
  if (!hasConsenter(await fetchConfig(administration, file), ordererMsp)) {
    progress(`${msp}'s orderer becomes a consenter`);
    await updateChannel(administration, folder, (config) =>
      withConsenter(config, wanted, ordererMsp),
    );
  }
  await awaitConsenter(joining);
  goOn(whole);
  progress(`${msp}'s peer joins, installs and approves what is in force`);
  await joinAsEndorser(joining);
}

/** Before the channel knows the organisation all of it goes; after that its orderer may count already, and stays. */
async function undo(joining: Joining): Promise<void> {
  const { layout, organisation, packages, administration, folder, progress } = joining;
  const { msp, folders } = organisation;
  const config = await fetchConfig(administration, join(folder, 'config.block')).catch(
    () => undefined,
  );
  if (!config || hasOrganisation(config, organisation)) {
    const why = config
      ? 'is in the channel already'
      : 'may be in the channel, which cannot be asked';
    const left = `${msp} ${why}: its processes and its files in ${layout.folder} stay, add-org ${msp} goes on`;
    progress(left);
    return;
  }
  const hosts = PACKAGE_KINDS.map((kind) => hostName(msp, kind, packages[kind].version));
  for (const name of [...hosts, `peer-${msp}`, `orderer-${msp}`]) await stopProcess(layout, name);
  const made = [...cryptoHomes(organisation), dirname(folders.peerData), folder];
  for (const path of made) rmSync(path, { recursive: true, force: true });
  forgetOrganisation(layout, msp);
}

async function requireOwnPorts(layout: Layout, { msp, ports }: OrganisationLayout): Promise<void> {
  // Of an interrupted run its nodes may be there.
  if (processState(layout, `orderer-${msp}`)?.alive) return;
  await requireFreePorts(portsOf(ports));
}

function failed(message: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message);
}
