// SPDX-License-Identifier: Apache-2.0
// The channel as its first block says it: organisations, orderers, policies. Every number that matters says why.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chaincodeNames, endorsementRule } from '../definition.ts';
import { runProgram } from './programs.ts';
import type { Layout, OrganisationLayout } from './layout.ts';
import type { Programs } from './programs.ts';

const HOST = '127.0.0.1';
const PROFILE = 'Zhenglian';

/** Writes the channel's first block. @throws START_FAILED */
export async function generateGenesis(programs: Programs, layout: Layout): Promise<void> {
  const { folder, definition, genesisBlock } = layout;
  const config = { Profiles: { [PROFILE]: channelProfile(layout) } };
  writeFileSync(join(folder, 'configtx.yaml'), JSON.stringify(config, null, 2));
  const args = ['-configPath', folder, '-profile', PROFILE, '-channelID', definition.channel];
  await runProgram(programs.paths.configtxgen, [...args, '-outputBlock', genesisBlock]);
}

/** Name of a chaincode's policy where definitions refer to it; without the leading slash a definition commits and every transaction fails. */
export function policyReference(chaincode: string): string {
  return `/Channel/Application/${chaincode}`;
}

function channelProfile(layout: Layout): unknown {
  const { organisations } = layout;
  return {
    Capabilities: { V3_0: true }, // BFT ordering
    Policies: implicitPolicies(),
    Orderer: ordererSection(organisations),
    Application: {
      Capabilities: { V2_5: true },
      Organizations: organisations.map(peerOrganisation),
      Policies: {
        ...implicitPolicies(),
        LifecycleEndorsement: majority('Endorsement'),
        Endorsement: majority('Endorsement'),
        ...endorsementPolicies(organisations.map(({ msp }) => msp)),
      },
    },
  };
}

/** The rules of network/definition.ts in Fabric's words; named here so that one vote changes them. */
function endorsementPolicies(msps: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    chaincodeNames(msps).map((chaincode) => {
      const rule = endorsementRule(chaincode, msps);
      if (rule.kind === 'majority') return [chaincode, majority('Endorsement')];
      const others = rule.others.map((msp) => `'${msp}.peer'`);
      return [chaincode, signature(`AND('${rule.owner}.peer', OR(${others.join(', ')}))`)];
    }),
  );
}

function ordererSection(organisations: readonly OrganisationLayout[]): unknown {
  return {
    OrdererType: 'BFT',
    Capabilities: { V2_0: true },
    BatchTimeout: '200ms', // not read by BFT: RequestBatchMaxInterval is its timeout
    BatchSize: {
      MaxMessageCount: 500, // transactions of a block at most
      AbsoluteMaxBytes: '16 MB', // BFT fills blocks up to it; a peer's gRPC takes 20 MB
      PreferredMaxBytes: '16 MB', // ignored by BFT
    },
    SmartBFT: {
      RequestBatchMaxInterval: '100ms', // a quiet channel waits this long for company
      RequestForwardTimeout: '2s', // a request that one orderer alone got goes to the leader after it
      RequestComplainTimeout: '5s', // then the leader is complained of: with the default of 20s a killed leader stalls the channel for 22 s
      RequestAutoRemoveTimeout: '3m', // an unordered transaction is dropped: its outcome is asked of the chain
      ViewChangeResendInterval: '5s',
      ViewChangeTimeout: '20s',
      LeaderHeartbeatTimeout: '10s', // a silent leader is replaced without any load; default 1m
      LeaderHeartbeatCount: 10,
      CollectTimeout: '1s',
      IncomingMessageBufferSize: 200,
      RequestPoolSize: 1000, // transactions waiting at an orderer; further ones are refused, not lost
    },
    ConsenterMapping: organisations.map(consenter),
    Organizations: organisations.map(ordererOrganisation),
    Policies: {
      ...implicitPolicies(),
      // Must be there; for BFT configtxgen writes "a quorum of the consenters' identities" in its place.
      BlockValidation: { Type: 'ImplicitMeta', Rule: 'ANY Writers' },
    },
  };
}

function consenter({ ordererMsp, ordererDomain, ports, folders }: OrganisationLayout, i: number) {
  const certificate = `orderer0.${ordererDomain}-cert.pem`;
  const tls = join(folders.orderer, 'tls', 'server.crt');
  return {
    ID: i + 1,
    Host: HOST,
    Port: ports.orderer,
    MSPID: ordererMsp,
    Identity: join(folders.orderer, 'msp', 'signcerts', certificate),
    ClientTLSCert: tls,
    ServerTLSCert: tls,
  };
}

function ordererOrganisation({ ordererMsp, ports, folders }: OrganisationLayout) {
  return {
    Name: ordererMsp,
    ID: ordererMsp,
    MSPDir: folders.ordererOrganisationMsp,
    Policies: {
      Readers: signature(`OR('${ordererMsp}.member')`),
      Writers: signature(`OR('${ordererMsp}.member')`),
      Admins: signature(`OR('${ordererMsp}.admin')`),
    },
    OrdererEndpoints: [`${HOST}:${String(ports.orderer)}`],
  };
}

function peerOrganisation({ msp, ports, folders }: OrganisationLayout) {
  return {
    Name: msp,
    ID: msp,
    MSPDir: folders.msp,
    Policies: {
      Readers: signature(`OR('${msp}.admin', '${msp}.peer', '${msp}.client')`),
      Writers: signature(`OR('${msp}.admin', '${msp}.client')`),
      Admins: signature(`OR('${msp}.admin')`),
      Endorsement: signature(`OR('${msp}.peer')`),
    },
    // Without anchors, peers of different organisations never hear of each other.
    AnchorPeers: [{ Host: HOST, Port: ports.peer }],
  };
}

function implicitPolicies() {
  return {
    Readers: { Type: 'ImplicitMeta', Rule: 'ANY Readers' },
    Writers: { Type: 'ImplicitMeta', Rule: 'ANY Writers' },
    Admins: majority('Admins'),
  };
}

function majority(policy: string) {
  return { Type: 'ImplicitMeta', Rule: `MAJORITY ${policy}` };
}

function signature(rule: string) {
  return { Type: 'Signature', Rule: rule };
}
