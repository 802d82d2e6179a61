// SPDX-License-Identifier: Apache-2.0
// Where everything of a network of real Fabric nodes is: folders as cryptogen makes them, ten ports an organisation.
import { join } from 'node:path';
import type { NetworkDefinition, OrganisationDefinition } from '../definition.ts';

/** One organisation's nodes: a peer, an orderer, two chaincode hosts. */
export interface OrganisationLayout {
  readonly msp: string;
  /** Orderers are another MSP: who orders cannot endorse, and the other way round. */
  readonly ordererMsp: string;
  readonly domain: string;
  readonly ordererDomain: string;
  readonly chaincodeDomain: string;
  readonly ports: OrganisationPorts;
  readonly folders: OrganisationFolders;
}

/** An organisation that joined a running network (add-organisation.ts). */
export interface AddedOrganisation extends OrganisationDefinition {
  readonly firstPort: number;
  /** Consenter, endorser and admitted by vote; before that only `add-org` knows it. */
  readonly joined: boolean;
}

/** Ports on 127.0.0.1. Two for each package's host: during an upgrade the old and the new one serve side by side. */
export interface OrganisationPorts {
  readonly orderer: number;
  readonly ordererAdmin: number;
  readonly ordererOperations: number;
  readonly peer: number;
  readonly peerChaincode: number;
  readonly peerOperations: number;
  readonly consortiumHost: number;
  readonly organisationHost: number;
  readonly otherConsortiumHost: number;
  readonly otherOrganisationHost: number;
}

/** What cryptogen wrote for it, and its nodes' data. */
export interface OrganisationFolders {
  /** MSP definition (roots only) of the peers' and the orderers' organisation. */
  readonly msp: string;
  readonly ordererOrganisationMsp: string;
  readonly peer: string;
  readonly orderer: string;
  readonly administrator: string;
  readonly ordererAdministrator: string;
  readonly client: string;
  readonly chaincodeHost: string;
  readonly chaincodeClient: string;
  readonly peerData: string;
  readonly ordererData: string;
  /** Connection files by package label, read by the builder. */
  readonly connections: string;
}

/** A network in a folder. */
export interface Layout {
  readonly folder: string;
  /** As it was founded. */
  readonly definition: NetworkDefinition;
  readonly firstPort: number;
  readonly cryptoFolder: string;
  readonly genesisBlock: string;
  readonly packagesFolder: string;
  readonly logsFolder: string;
  readonly processesFolder: string;
  /** Founders first, then those that joined, in the order of their consenter numbers. */
  readonly organisations: readonly OrganisationLayout[];
  /** Aborted when the command that works on it is to stop (interruption.ts). */
  readonly signal?: AbortSignal;
}

/** Ports one organisation takes. */
export const PORTS_EACH = 10;

/** The layout of a network as founded, and with the organisations that joined since. */
export function layoutOf(
  folder: string,
  definition: NetworkDefinition,
  firstPort: number,
  added: readonly AddedOrganisation[] = [],
): Layout {
  const cryptoFolder = join(folder, 'crypto');
  return {
    folder,
    definition,
    firstPort,
    cryptoFolder,
    genesisBlock: join(folder, 'genesis.block'),
    packagesFolder: join(folder, 'packages'),
    logsFolder: join(folder, 'logs'),
    processesFolder: join(folder, 'processes'),
    organisations: [
      ...definition.organisations.map(({ msp }, i) =>
        organisationLayout(folder, cryptoFolder, msp, firstPort + i * PORTS_EACH),
      ),
      ...added.map((each) => organisationLayout(folder, cryptoFolder, each.msp, each.firstPort)),
    ],
  };
}

function organisationLayout(
  folder: string,
  cryptoFolder: string,
  msp: string,
  firstPort: number,
): OrganisationLayout {
  const name = msp.toLowerCase();
  const domains = {
    domain: `${name}.test`,
    ordererDomain: `orderer.${name}.test`,
    chaincodeDomain: `chaincode.${name}.test`,
  };
  return {
    msp,
    ordererMsp: `${msp}-ORD`,
    ...domains,
    ports: portsFrom(firstPort),
    folders: foldersOf(folder, cryptoFolder, msp, domains),
  };
}

function portsFrom(first: number): OrganisationPorts {
  return {
    orderer: first,
    ordererAdmin: first + 1,
    ordererOperations: first + 2,
    peer: first + 3,
    peerChaincode: first + 4,
    peerOperations: first + 5,
    consortiumHost: first + 6,
    organisationHost: first + 7,
    otherConsortiumHost: first + 8,
    otherOrganisationHost: first + 9,
  };
}

function foldersOf(
  folder: string,
  crypto: string,
  msp: string,
  names: Pick<OrganisationLayout, 'domain' | 'ordererDomain' | 'chaincodeDomain'>,
): OrganisationFolders {
  const { domain, ordererDomain, chaincodeDomain } = names;
  const peers = join(crypto, 'peerOrganizations', domain);
  const orderers = join(crypto, 'ordererOrganizations', ordererDomain);
  const hosts = join(crypto, 'peerOrganizations', chaincodeDomain, 'peers');
  return {
    msp: join(peers, 'msp'),
    ordererOrganisationMsp: join(orderers, 'msp'),
    peer: join(peers, 'peers', `peer0.${domain}`),
    orderer: join(orderers, 'orderers', `orderer0.${ordererDomain}`),
    administrator: join(peers, 'users', `Admin@${domain}`),
    ordererAdministrator: join(orderers, 'users', `Admin@${ordererDomain}`),
    client: join(peers, 'users', `User1@${domain}`),
    chaincodeHost: join(hosts, `host.${chaincodeDomain}`),
    chaincodeClient: join(hosts, `peer.${chaincodeDomain}`),
    peerData: join(folder, 'data', msp, 'peer'),
    ordererData: join(folder, 'data', msp, 'orderer'),
    connections: join(folder, 'data', msp, 'chaincode'),
  };
}
