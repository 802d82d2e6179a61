// SPDX-License-Identifier: Apache-2.0
// Certificates by cryptogen, for a network on one machine: three organisations an organisation (peers, orderers, chaincode hosts).
// In production each organisation runs its own CA (docs/operations.md).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './programs.ts';
import type { Layout } from './layout.ts';
import type { Programs } from './programs.ts';

const SANS = ['localhost', '127.0.0.1'];

/** Makes keys and certificates of every node and of an administrator and a client an organisation. @throws START_FAILED */
export async function generateCrypto(programs: Programs, layout: Layout): Promise<void> {
  const config = join(layout.folder, 'crypto-config.yaml');
  // JSON is YAML, and needs no care for spaces.
  writeFileSync(config, JSON.stringify(cryptoConfig(layout), null, 2));
  const args = ['generate', '--config', config, '--output', layout.cryptoFolder];
  await runProgram(programs.paths.cryptogen, args);
}

function cryptoConfig({ organisations }: Layout): unknown {
  return {
    OrdererOrgs: organisations.map(({ ordererMsp, ordererDomain }) => ({
      Name: ordererMsp,
      Domain: ordererDomain,
      // Roles are read from the certificate (peer, admin, client, orderer), not from lists of certificates.
      EnableNodeOUs: true,
      Specs: [{ Hostname: 'orderer0', SANS }],
    })),
    PeerOrgs: organisations.flatMap(({ msp, domain, chaincodeDomain }) => [
      {
        Name: msp,
        Domain: domain,
        EnableNodeOUs: true,
        Specs: [{ Hostname: 'peer0', SANS }],
        Users: { Count: 1 },
      },
      {
        // TLS between a peer and its chaincode hosts: a root that is no member of the channel.
        Name: `${msp}-CC`,
        Domain: chaincodeDomain,
        EnableNodeOUs: false,
        Specs: [
          { Hostname: 'host', SANS },
          { Hostname: 'peer', SANS },
        ],
        Users: { Count: 0 },
      },
    ]),
  };
}
