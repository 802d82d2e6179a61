// SPDX-License-Identifier: Apache-2.0
// What administrators do once: join the channel, install packages, approve and commit chaincode definitions. Organisations work side by side.
import { join } from 'node:path';
import { chaincodeNames, CONSORTIUM } from '../embedded/definition.ts';
import { policyReference } from './channel-config.ts';
import { administratorSettings } from './node-settings.ts';
import { runProgram } from './programs.ts';
import type { Packages } from './chaincode-hosts.ts';
import type { ChaincodePackage } from './chaincode-package.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

/** One chaincode definition as the channel holds it. */
export interface CommittedDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
}

/** Joins every orderer to the channel; each starts ordering as soon as a quorum has joined. */
export async function joinOrderers(programs: Programs, layout: Layout): Promise<void> {
  const { definition, genesisBlock } = layout;
  await Promise.all(
    layout.organisations.map((organisation) =>
      osnadmin(programs, organisation, [
        ...['channel', 'join', '--channelID', definition.channel],
        ...['--config-block', genesisBlock],
      ]),
    ),
  );
}

/** Joins every peer to the channel and installs both packages there. */
export async function joinPeers(
  programs: Programs,
  layout: Layout,
  packages: Packages,
): Promise<void> {
  await Promise.all(
    layout.organisations.map(async (organisation) => {
      await peer(programs, organisation, ['channel', 'join', '-b', layout.genesisBlock]);
      for (const { file } of [packages.consortium, packages.organisation]) {
        await peer(programs, organisation, ['lifecycle', 'chaincode', 'install', file]);
      }
    }),
  );
}

/** Approves by every organisation and commits the definition of every chaincode name. */
export async function deployChaincodes(
  programs: Programs,
  layout: Layout,
  packages: Packages,
): Promise<void> {
  const names = chaincodeNames(layout.organisations.map(({ msp }) => msp));
  await Promise.all(
    names.map((name) => {
      const chaincode = name === CONSORTIUM ? packages.consortium : packages.organisation;
      return deploy(programs, layout, name, chaincode);
    }),
  );
}

/** Definitions committed on the channel, asked of an organisation's peer. */
export async function committedDefinitions(
  programs: Programs,
  layout: Layout,
  organisation: OrganisationLayout,
): Promise<CommittedDefinition[]> {
  const { channel } = layout.definition;
  const args = ['lifecycle', 'chaincode', 'querycommitted', '-C', channel, '--output', 'json'];
  const answer: unknown = JSON.parse(await peer(programs, organisation, args));
  return (answer as { chaincode_definitions?: CommittedDefinition[] }).chaincode_definitions ?? [];
}

/** Runs `peer` as an organisation's administrator. @throws START_FAILED */
export function peer(
  programs: Programs,
  organisation: OrganisationLayout,
  args: readonly string[],
): Promise<string> {
  return runProgram(programs.paths.peer, args, administratorSettings(programs, organisation));
}

/** Runs `osnadmin` against an organisation's orderer. @throws START_FAILED */
export function osnadmin(
  programs: Programs,
  { ports, folders }: OrganisationLayout,
  args: readonly string[],
): Promise<string> {
  const tls = (file: string) => join(folders.orderer, 'tls', file);
  return runProgram(programs.paths.osnadmin, [
    ...args,
    ...['-o', `127.0.0.1:${String(ports.ordererAdmin)}`, '--ca-file', tls('ca.crt')],
    ...['--client-cert', tls('server.crt'), '--client-key', tls('server.key')],
  ]);
}

async function deploy(
  programs: Programs,
  layout: Layout,
  name: string,
  { id }: ChaincodePackage,
): Promise<void> {
  const { organisations } = layout;
  const definition = [
    ...['--channelID', layout.definition.channel, '--name', name],
    ...['--version', '1', '--sequence', '1'],
    ...['--channel-config-policy', policyReference(name)],
  ];
  const lifecycle = (organisation: OrganisationLayout, step: string, more: readonly string[]) =>
    peer(programs, organisation, [
      ...['lifecycle', 'chaincode', step, ...toOrderer(layout, organisation)],
      ...[...definition, ...more],
    ]);
  await Promise.all(
    organisations.map((each) => lifecycle(each, 'approveformyorg', ['--package-id', id])),
  );
  const [first] = organisations;
  if (!first) return;
  const endorsers = organisations.flatMap(({ ports, folders }) => [
    ...['--peerAddresses', `127.0.0.1:${String(ports.peer)}`],
    ...['--tlsRootCertFiles', join(folders.peer, 'tls', 'ca.crt')],
  ]);
  await lifecycle(first, 'commit', endorsers);
}

/** The first orderer: it leads a new channel, and another would hold a request for two seconds before passing it on. */
function toOrderer({ organisations }: Layout, { folders }: OrganisationLayout): string[] {
  const [first] = organisations;
  if (!first) return [];
  const tls = join(folders.administrator, 'tls');
  return [
    ...['-o', `127.0.0.1:${String(first.ports.orderer)}`, '--tls', '--clientauth'],
    ...['--cafile', join(first.folders.orderer, 'tls', 'ca.crt')],
    ...['--certfile', join(tls, 'client.crt'), '--keyfile', join(tls, 'client.key')],
  ];
}
