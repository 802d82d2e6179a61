// SPDX-License-Identifier: Apache-2.0
// Chaincode hosts as network/fabric starts them, without Fabric's programs: certificates of the tests' own in the places where cryptogen's would be.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  preparePackages,
  startHosts,
  writeConnections,
} from '../../network/fabric/chaincode-hosts.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { bringDown } from '../../network/fabric/network.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { firstFreePort } from '../../scripts/free-ports.ts';
import { createTlsRoot } from './tls-certificates.ts';
import type { BundlePaths } from '../../network/bundles.ts';
import type { Packages } from '../../network/fabric/chaincode-hosts.ts';
import type { Layout } from '../../network/fabric/layout.ts';
import type { HostConnection } from './small-peer.ts';

/** The hosts of one organisation, and how its peer reaches them. */
export interface ServedBundles {
  readonly layout: Layout;
  readonly packages: Packages;
  readonly connections: Readonly<Record<keyof Packages, HostConnection>>;
  close(): Promise<void>;
}

/** Starts both hosts of Guangdong on free ports, in a folder with a space in its name. */
export async function serveBundles(bundles: BundlePaths): Promise<ServedBundles> {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian hosts '));
  const whole = layoutOf(folder, networkDefinition(readConsortium()), await firstFreePort());
  const layout: Layout = { ...whole, organisations: whole.organisations.slice(0, 1) };
  const close = async () => {
    await bringDown(layout);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await writeCertificates(layout);
    const packages = preparePackages(layout, bundles);
    writeConnections(layout, packages);
    await startHosts(layout, packages, bundles);
    const connections = {
      consortium: readConnection(layout, packages.consortium.label),
      organisation: readConnection(layout, packages.organisation.label),
    };
    return { layout, packages, connections, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function writeCertificates({ organisations }: Layout): Promise<void> {
  for (const { folders } of organisations) {
    const root = await createTlsRoot();
    for (const folder of [folders.chaincodeHost, folders.chaincodeClient]) {
      const tls = join(folder, 'tls');
      const pair = await root.issue('chaincode');
      mkdirSync(tls, { recursive: true, mode: 0o700 });
      writeFileSync(join(tls, 'ca.crt'), root.certificate);
      writeFileSync(join(tls, 'server.crt'), pair.certificate);
      writeFileSync(join(tls, 'server.key'), pair.key, { mode: 0o600 });
    }
  }
}

/** What the builder hands to the peer. */
function readConnection({ organisations }: Layout, label: string): HostConnection {
  const file = join(organisations[0]?.folders.connections ?? '', `${label}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as HostConnection;
}
