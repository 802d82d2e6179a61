// SPDX-License-Identifier: Apache-2.0
// Chaincode hosts: a process an organisation and package, and the connection file by which the organisation's peer finds it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { openPackage, writePackage } from './chaincode-package.ts';
import { awaitPort, startProcess } from './processes.ts';
import type { BundlePaths } from '../embedded/contracts.ts';
import type { ChaincodePackage } from './chaincode-package.ts';
import type { Layout, OrganisationLayout } from './layout.ts';

/** Both packages of a network: the consortium's `zl`, and the one every organisation's chaincode shares. */
export interface Packages {
  readonly consortium: ChaincodePackage;
  readonly organisation: ChaincodePackage;
}

interface Host {
  readonly name: string;
  readonly port: number;
  readonly bundle: string;
  readonly chaincode: ChaincodePackage;
}

const MAIN = fileURLToPath(new URL('host/main.ts', import.meta.url));
const LABELS = { consortium: 'zl_1', organisation: 'province_1' } as const;

/** Writes the packages of two bundles. */
export function preparePackages(layout: Layout, bundles: BundlePaths): Packages {
  mkdirSync(layout.packagesFolder, { recursive: true });
  const write = (kind: keyof Packages) => {
    const file = join(layout.packagesFolder, `${LABELS[kind]}.tar.gz`);
    return writePackage(LABELS[kind], bundles[kind], file);
  };
  return { consortium: write('consortium'), organisation: write('organisation') };
}

/** The packages that a network was made with. @throws START_FAILED when the bundles are others by now */
export function openPackages(layout: Layout, bundles: BundlePaths): Packages {
  const open = (kind: keyof Packages) =>
    openPackage(join(layout.packagesFolder, `${LABELS[kind]}.tar.gz`), bundles[kind]);
  return { consortium: open('consortium'), organisation: open('organisation') };
}

/** Writes what the builder copies when a peer installs a package: address and TLS of this organisation's host. */
export function writeConnections(layout: Layout, packages: Packages): void {
  for (const organisation of layout.organisations) {
    const { folders } = organisation;
    mkdirSync(folders.connections, { recursive: true, mode: 0o700 });
    const read = (folder: string, file: string) => readFileSync(join(folder, 'tls', file), 'utf8');
    for (const { chaincode, port } of hostsOf(organisation, packages)) {
      const connection = {
        address: `127.0.0.1:${String(port)}`,
        dial_timeout: '10s',
        tls_required: true,
        client_auth_required: true,
        client_key: read(folders.chaincodeClient, 'server.key'),
        client_cert: read(folders.chaincodeClient, 'server.crt'),
        root_cert: read(folders.chaincodeHost, 'ca.crt'),
      };
      const file = join(folders.connections, `${chaincode.label}.json`);
      writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    }
  }
}

/** Starts the hosts that do not run, and waits until all take connections. @throws START_FAILED */
export async function startHosts(
  layout: Layout,
  packages: Packages,
  bundles: BundlePaths,
): Promise<void> {
  for (const organisation of layout.organisations)
    startHostsOf(layout, organisation, packages, bundles);
  for (const organisation of layout.organisations) {
    for (const { name, port } of hostsOf(organisation, packages, bundles)) {
      await awaitPort(layout, name, port);
    }
  }
}

/** Starts one organisation's hosts where they do not run. */
export function startHostsOf(
  layout: Layout,
  organisation: OrganisationLayout,
  packages: Packages,
  bundles: BundlePaths,
): void {
  const tls = join(organisation.folders.chaincodeHost, 'tls');
  for (const { name, port, bundle, chaincode } of hostsOf(organisation, packages, bundles)) {
    const address = `127.0.0.1:${String(port)}`;
    startProcess(layout, {
      name,
      program: execPath,
      args: [
        ...['--import', import.meta.resolve('tsx'), MAIN],
        ...[chaincode.file, bundle, address, tls, join(tls, 'ca.crt')],
      ],
      env: {},
    });
  }
}

function hostsOf(
  { msp, ports }: OrganisationLayout,
  packages: Packages,
  bundles: BundlePaths = { consortium: '', organisation: '' },
): Host[] {
  return [
    {
      name: `host-${msp}-zl`,
      port: ports.consortiumHost,
      bundle: bundles.consortium,
      chaincode: packages.consortium,
    },
    {
      name: `host-${msp}-province`,
      port: ports.organisationHost,
      bundle: bundles.organisation,
      chaincode: packages.organisation,
    },
  ];
}
