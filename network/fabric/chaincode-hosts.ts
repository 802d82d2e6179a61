// SPDX-License-Identifier: Apache-2.0
// Chaincode hosts: a process an organisation and package, and the connection file by which the organisation's peer finds it.
// Hosts serve copies of the bundles that stand in the network's folder: what is built here may change, what a package promises may not.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { CodedError } from '@zhenglian/core/errors';
import { openPackage, writePackage } from './chaincode-package.ts';
import { FIRST_VERSIONS, PACKAGE_KINDS } from './chaincode-versions.ts';
import { programArguments } from '../own-program.ts';
import { awaitPort, startProcess } from './processes.ts';
import type { BundlePaths } from '../bundles.ts';
import type { ChaincodePackage } from './chaincode-package.ts';
import type { PackageKind, Versions } from './chaincode-versions.ts';
import type { Layout, OrganisationLayout } from './layout.ts';

/** A version of a package. */
export interface VersionedPackage extends ChaincodePackage {
  readonly version: number;
}

/** Both packages of a network: the consortium's `zl`, and the one every organisation's chaincode shares. */
export type Packages = Readonly<Record<PackageKind, VersionedPackage>>;

interface Host {
  readonly name: string;
  readonly port: number;
  readonly kind: PackageKind;
}

const MAIN = fileURLToPath(new URL('host/main.ts', import.meta.url));
const LABELS = { consortium: 'zl', organisation: 'province' } as const;

/** Writes the packages of two bundles, and keeps a copy of each bundle. */
export function preparePackages(
  layout: Layout,
  bundles: BundlePaths,
  versions: Versions = FIRST_VERSIONS,
): Packages {
  mkdirSync(layout.packagesFolder, { recursive: true });
  return eachKind((kind) => {
    const version = versions[kind];
    const { label, file, bundle } = filesOf(layout, kind, version);
    if (bundles[kind] !== bundle) copyFileSync(bundles[kind], bundle);
    return { ...writePackage(label, bundle, file), version };
  });
}

/** Packages that a network was given, each with the bundle it promises. @throws START_FAILED */
export function openPackages(layout: Layout, versions: Versions): Packages {
  return eachKind((kind) => {
    const version = versions[kind];
    const { file, bundle } = filesOf(layout, kind, version);
    for (const path of [file, bundle]) {
      if (!existsSync(path)) {
        const words = `${path} is missing: restore it from a copy, or reset the network`;
        throw new CodedError('START_FAILED', words);
      }
    }
    return { ...openPackage(file, bundle), version };
  });
}

/** The kept bundles of two packages. */
export function keptBundles(layout: Layout, versions: Versions): BundlePaths {
  return eachKind((kind) => filesOf(layout, kind, versions[kind]).bundle);
}

/** Writes what the builder copies when a peer installs a package: address and TLS of this organisation's host. */
export function writeConnections(layout: Layout, packages: Packages): void {
  for (const organisation of layout.organisations) {
    const { folders } = organisation;
    mkdirSync(folders.connections, { recursive: true, mode: 0o700 });
    const read = (folder: string, file: string) => readFileSync(join(folder, 'tls', file), 'utf8');
    for (const { kind, port } of hostsOf(organisation, packages)) {
      const connection = {
        address: `127.0.0.1:${String(port)}`,
        dial_timeout: '10s',
        tls_required: true,
        client_auth_required: true,
        client_key: read(folders.chaincodeClient, 'server.key'),
        client_cert: read(folders.chaincodeClient, 'server.crt'),
        root_cert: read(folders.chaincodeHost, 'ca.crt'),
      };
      const file = join(folders.connections, `${packages[kind].label}.json`);
      writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    }
  }
}

/** Starts the hosts that do not run, and waits until all take connections. @throws START_FAILED */
export async function startHosts(
  layout: Layout,
  packages: Packages,
  bundles: BundlePaths = bundlesOf(layout, packages),
): Promise<void> {
  for (const organisation of layout.organisations)
    startHostsOf(layout, organisation, packages, bundles);
  for (const organisation of layout.organisations) {
    for (const { name, port } of hostsOf(organisation, packages)) {
      await awaitPort(layout, name, port);
    }
  }
}

/** Starts one organisation's hosts where they do not run. */
export function startHostsOf(
  layout: Layout,
  organisation: OrganisationLayout,
  packages: Packages,
  bundles: BundlePaths = bundlesOf(layout, packages),
  through: readonly string[] = [],
): void {
  const tls = join(organisation.folders.chaincodeHost, 'tls');
  for (const { name, port, kind } of hostsOf(organisation, packages)) {
    const address = `127.0.0.1:${String(port)}`;
    startProcess(layout, {
      ...{ through, name },
      program: execPath,
      args: [
        ...programArguments(MAIN),
        ...[packages[kind].file, bundles[kind], address, tls, join(tls, 'ca.crt')],
      ],
      env: { NODE_PATH: contractApiFolder() },
    });
  }
}

/** Name of the process that serves a version of a package to an organisation's peer. */
export function hostName(msp: string, kind: PackageKind, version: number): string {
  const name = `host-${msp}-${LABELS[kind]}`;
  return version === 1 ? name : `${name}_${String(version)}`;
}

/** Port of that process: versions take turns, so that two can serve side by side. */
export function hostPort(
  { ports }: OrganisationLayout,
  kind: PackageKind,
  version: number,
): number {
  const isOdd = version % 2 === 1;
  if (kind === 'consortium') return isOdd ? ports.consortiumHost : ports.otherConsortiumHost;
  return isOdd ? ports.organisationHost : ports.otherOrganisationHost;
}

/** Where bundles find the contract API: they are served from folders that have no packages of their own. */
function contractApiFolder(): string {
  const { resolve } = createRequire(import.meta.url);
  return join(dirname(resolve('fabric-contract-api/package.json')), '..');
}

function hostsOf(organisation: OrganisationLayout, packages: Packages): Host[] {
  return PACKAGE_KINDS.map((kind) => {
    const { version } = packages[kind];
    const name = hostName(organisation.msp, kind, version);
    return { name, port: hostPort(organisation, kind, version), kind };
  });
}

function bundlesOf(layout: Layout, { consortium, organisation }: Packages): BundlePaths {
  const versions = { consortium: consortium.version, organisation: organisation.version };
  return keptBundles(layout, versions);
}

function filesOf({ packagesFolder }: Layout, kind: PackageKind, version: number) {
  const label = `${LABELS[kind]}_${String(version)}`;
  const file = join(packagesFolder, `${label}.tar.gz`);
  return { label, file, bundle: join(packagesFolder, `${label}.cjs`) };
}

function eachKind<T>(make: (kind: PackageKind) => T): Record<PackageKind, T> {
  return { consortium: make('consortium'), organisation: make('organisation') };
}
