// SPDX-License-Identifier: Apache-2.0
// Chaincode definitions: approved by organisations, each for itself, and committed when a majority has approved.
import { join } from 'node:path';
import { chaincodeNames, CONSORTIUM } from '../definition.ts';
import { policyReference } from './channel-config.ts';
import { committedDefinitions, installPackages, peer, toOrderer, unless } from './lifecycle.ts';
import type { Packages, VersionedPackage } from './chaincode-hosts.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

/** A definition that organisations agree on, and the package that each of them runs for it. */
export interface Definition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  readonly packageId: string;
}

/** Where administrators work: an orderer that does not lead holds a request for two seconds before passing it on. */
export interface Administration {
  readonly programs: Programs;
  readonly layout: Layout;
  readonly orderer: OrganisationLayout;
}

/** Approves by every organisation and commits the first definition of every chaincode name. */
export async function deployChaincodes(
  programs: Programs,
  layout: Layout,
  packages: Packages,
): Promise<void> {
  const [orderer] = layout.organisations; // it leads a new channel
  if (!orderer) return;
  const names = chaincodeNames(layout.organisations.map(({ msp }) => msp));
  const administration = { programs, layout, orderer };
  await Promise.all(
    names.map((name) => deploy(administration, definitionOf(name, packageOf(name, packages), 1))),
  );
}

/** Approves by every organisation side by side, and commits. */
export async function deploy(
  administration: Administration,
  definition: Definition,
): Promise<void> {
  const { organisations } = administration.layout;
  await Promise.all(organisations.map((each) => approve(administration, each, definition)));
  await commit(administration, definition);
}

/** An organisation approves a definition; one that it has approved stays so. @throws START_FAILED */
export function approve(
  administration: Administration,
  organisation: OrganisationLayout,
  definition: Definition,
): Promise<void> {
  const command = lifecycle(administration, organisation, 'approveformyorg', definition, [
    ...['--package-id', definition.packageId],
  ]);
  return unless(/attempted to redefine (?!.*different parameters)/, command);
}

/** An organisation that missed their commit installs the packages and approves every definition in force, as a member tells them. Returns their names. @throws START_FAILED */
export async function approveInForce(
  administration: Administration,
  organisation: OrganisationLayout,
  packages: Packages,
  member: OrganisationLayout,
): Promise<string[]> {
  const { programs, layout } = administration;
  await installPackages(programs, organisation, packages);
  const committed = await committedDefinitions(programs, layout, member);
  for (const { name, version, sequence } of committed) {
    const definition = { ...definitionOf(name, packageOf(name, packages), sequence), version };
    await approve(administration, organisation, definition);
  }
  return committed.map(({ name }) => name);
}

/** The definition of a name with a package. */
export function definitionOf(
  name: string,
  { id, version }: VersionedPackage,
  sequence: number,
): Definition {
  return { name, version: String(version), sequence, packageId: id };
}

/** The package that a name runs. */
export function packageOf(name: string, packages: Packages): VersionedPackage {
  return name === CONSORTIUM ? packages.consortium : packages.organisation;
}

/** The first organisation has it endorsed by all peers, and waits until each of them has it in a block. */
async function commit(administration: Administration, definition: Definition): Promise<void> {
  const { organisations } = administration.layout;
  const [first] = organisations;
  if (!first) return;
  const endorsers = organisations.flatMap(({ ports, folders }) => [
    ...['--peerAddresses', `127.0.0.1:${String(ports.peer)}`],
    ...['--tlsRootCertFiles', join(folders.peer, 'tls', 'ca.crt')],
  ]);
  await lifecycle(administration, first, 'commit', definition, endorsers);
}

function lifecycle(
  { programs, layout, orderer }: Administration,
  organisation: OrganisationLayout,
  step: string,
  { name, version, sequence }: Definition,
  more: readonly string[],
): Promise<string> {
  return peer(programs, organisation, [
    ...['lifecycle', 'chaincode', step, ...toOrderer(orderer, organisation)],
    ...['--channelID', layout.definition.channel, '--name', name],
    ...['--version', version, '--sequence', String(sequence)],
    ...['--channel-config-policy', policyReference(name)],
    ...more,
  ]);
}
