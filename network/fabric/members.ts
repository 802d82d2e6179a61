// SPDX-License-Identifier: Apache-2.0
// Identities and addresses that a client of a network on this machine needs: read from what cryptogen wrote.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { decodeOrderedBlock } from '../block.ts';
import type { Founder } from '../found.ts';
import type { MemberIdentity } from '../identity.ts';
import type { Layout, OrganisationLayout } from './layout.ts';

/** A peer as clients reach it. */
export interface FabricPeer {
  readonly msp: string;
  /** host:port */
  readonly address: string;
  /** Name in its TLS certificate, where the address is another. */
  readonly serverName?: string;
  readonly tlsRootPem: string;
  /** Root that the organisation's members are issued by: an endorsement under another is not used. */
  readonly rootPem: string;
}

/** Everything to connect with: who, by which TLS certificate, to which peers. */
export interface FabricMember extends MemberIdentity {
  readonly channel: string;
  /** Hash of the channel's first block: what every other block is checked against. */
  readonly genesisHash: Uint8Array;
  readonly tlsCertificatePem: string;
  readonly tlsKeyPem: string;
  readonly peers: readonly FabricPeer[];
}

/** A member of an organisation, with all peers of the channel. @throws START_FAILED for an unknown organisation */
export function readMember(
  layout: Layout,
  msp: string,
  role: 'administrator' | 'client' = 'client',
): FabricMember {
  const { folders } = organisationOf(layout, msp);
  const folder = folders[role];
  return {
    msp,
    channel: layout.definition.channel,
    genesisHash: readGenesisHash(layout),
    certificatePem: onlyFile(join(folder, 'msp', 'signcerts')),
    keyPem: onlyFile(join(folder, 'msp', 'keystore')),
    tlsCertificatePem: readFileSync(join(folder, 'tls', 'client.crt'), 'utf8'),
    tlsKeyPem: readFileSync(join(folder, 'tls', 'client.key'), 'utf8'),
    peers: readPeers(layout),
  };
}

/** Hash of the channel's first block, from the file that the network was founded with. @throws BLOCK_INVALID */
export function readGenesisHash({ genesisBlock }: Layout): Uint8Array {
  return decodeOrderedBlock(new Uint8Array(readFileSync(genesisBlock))).hash;
}

/** Peers of all organisations. */
export function readPeers(layout: Layout): FabricPeer[] {
  return layout.organisations.map(({ msp, ports, folders }) => ({
    msp,
    address: `127.0.0.1:${String(ports.peer)}`,
    serverName: 'localhost',
    tlsRootPem: readFileSync(join(folders.peer, 'tls', 'ca.crt'), 'utf8'),
    rootPem: readRoot(layout, msp),
  }));
}

/** Roots and administrators of the founding organisations, for `Found`: Fabric's own. */
export function readFounders(layout: Layout): Map<string, Founder> {
  return new Map(
    layout.definition.organisations.map(({ msp }) => {
      const root = { certificatePem: readRoot(layout, msp) };
      return [msp, { root, administrator: readMember(layout, msp, 'administrator') }];
    }),
  );
}

/** PEM of the root that an organisation's members are issued by. @throws START_FAILED for an unknown organisation */
export function readRoot(layout: Layout, msp: string): string {
  return onlyFile(join(organisationOf(layout, msp).folders.msp, 'cacerts'));
}

/** Who may change the channel in an organisation's name: its peers' administrator, or its orderers'. */
export function readAdministrators({
  msp,
  ordererMsp,
  folders,
}: OrganisationLayout): Record<'application' | 'orderer', MemberIdentity> {
  const read = (name: string, folder: string) => ({
    msp: name,
    certificatePem: onlyFile(join(folder, 'msp', 'signcerts')),
    keyPem: onlyFile(join(folder, 'msp', 'keystore')),
  });
  return {
    application: read(msp, folders.administrator),
    orderer: read(ordererMsp, folders.ordererAdministrator),
  };
}

/** An organisation of a layout. @throws START_FAILED */
export function organisationOf(layout: Layout, msp: string): OrganisationLayout {
  const found = layout.organisations.find((each) => each.msp === msp);
  if (!found) throw new CodedError('START_FAILED', `the network has no organisation ${msp}`);
  return found;
}

/** cryptogen puts one file in such a folder and chooses its name. */
function onlyFile(folder: string): string {
  const [name] = readdirSync(folder);
  return readFileSync(join(folder, name ?? ''), 'utf8');
}
