// SPDX-License-Identifier: Apache-2.0
// The ledger under the tour, whichever engine: founded, with clients for its members, and what a gateway must be told to use it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectEmbedded } from '@zhenglian/network/embedded/client';
import { ensureFounded } from '@zhenglian/network/found';
import { organisationFolder } from '@zhenglian/network/embedded/identities';
import { BUNDLES } from '@zhenglian/network/bundles';
import { startEmbedded } from '@zhenglian/network/embedded/start';
import { openLayout } from '@zhenglian/network/fabric/added-organisations';
import { lockFolder } from '@zhenglian/network/fabric/folder-lock';
import { readFounders, readMember } from '@zhenglian/network/fabric/members';
import { bringDown, bringUp } from '@zhenglian/network/fabric/network';
import { toHex } from '@zhenglian/core/bytes';
import type { Ledger } from '@zhenglian/network/ledger';
import type { Layout } from '@zhenglian/network/fabric/layout';
import type { Programs } from '@zhenglian/network/fabric/programs';
import { z } from 'zod';
import { networkDefinition } from './consortium.ts';
import type { ConsortiumFile } from './consortium.ts';
import { fabricFolder } from './tour-place.ts';
import type { TourPlace } from './tour-place.ts';

/** A founded ledger that runs. */
export interface TourLedger {
  readonly fingerprint: string;
  /** Where other commands find it. */
  readonly place: TourPlace;
  connect(msp: string, role: 'administrator' | 'client'): Promise<Ledger>;
  /** Settings of an organisation's gateway (gateway/src/config.ts). */
  gatewaySettings(msp: string): Promise<Readonly<Record<string, string>>>;
  /** Calls back when it ends by itself. */
  onEnd(done: () => void): void;
  stop(): Promise<void>;
}

/** What a ledger is started with. */
export interface TourLedgerOptions {
  readonly dataDir: string;
  readonly file: ConsortiumFile;
  readonly progress: (line: string) => void;
}

/** Starts one engine. */
export type StartTourLedger = (options: TourLedgerOptions) => Promise<TourLedger>;

/** The embedded engine: a process on this machine. */
export const startEmbeddedTour: StartTourLedger = async (options) => {
  const { dataDir, file, progress } = options;
  progress(
    'starting the ledger (embedded: one machine, one operator; for trying, not for a province)',
  );
  const folder = join(dataDir, 'ledger');
  const definition = networkDefinition(file);
  const { channel } = definition;
  const network = await startEmbedded({ dataDir: folder, ...definition });
  return {
    fingerprint: network.fingerprint,
    place: { engine: 'embedded', url: network.url, channel },
    connect: async (msp, role) => {
      const identity =
        role === 'administrator'
          ? await network.adminIdentity(msp)
          : await network.identity(msp, 'reader');
      return connectEmbedded({ url: network.url, channel, ...identity });
    },
    gatewaySettings: async (msp) => {
      await network.identity(msp, 'gateway');
      const identity = join(organisationFolder(folder, msp), 'clients', 'gateway');
      return { LEDGER_URL: network.url, IDENTITY_DIR: identity };
    },
    onEnd: (done) => network.process.once('exit', done),
    stop: () => network.stop(),
  };
};

/** Real Fabric nodes on this machine. */
export function startFabricTour(programs: Programs, firstPort?: number): StartTourLedger {
  return async ({ dataDir, file, progress }) => {
    progress('starting Hyperledger Fabric: an orderer, a peer and chaincode hosts an organisation');
    const definition = networkDefinition(file);
    const port = firstPort ?? file.fabric.firstPort;
    const folder = fabricFolder(dataDir);
    // As long as it runs: a second start would take part in it, fail at a gateway, and end the nodes of the first.
    const release = lockFolder(folder, process.pid);
    try {
      const layout = openLayout(folder, definition, port);
      await bringUp({ layout, programs, bundles: BUNDLES, progress });
      const tour = await fabricTour(layout).catch(async (error: unknown) => {
        await bringDown(layout);
        throw error;
      });
      return { ...tour, stop: () => tour.stop().finally(release) };
    } catch (error) {
      release();
      throw error;
    }
  };
}

/** A network of Fabric nodes that runs already and goes on running. */
export function openFabricTour(layout: Layout): StartTourLedger {
  return async () => ({ ...(await fabricTour(layout)), stop: () => Promise.resolve() });
}

async function fabricTour(layout: Layout): Promise<TourLedger> {
  // Only who runs Fabric loads its client library.
  const { connectFabric } = await import('@zhenglian/gateway/fabric-ledger');
  const connect: TourLedger['connect'] = (msp, role) =>
    connectFabric(readMember(layout, msp, role));
  const { organisations, definition, firstPort } = layout;
  const [first] = organisations;
  if (!first) throw new Error('a network without organisations');
  const administrator = await connect(first.msp, 'administrator');
  try {
    const founders = readFounders(layout);
    const networkId = await ensureFounded(administrator, definition, founders);
    return {
      fingerprint: toHex(networkId),
      place: { engine: 'fabric', firstPort, definition: z.json().parse(definition) },
      connect,
      gatewaySettings: (msp) => Promise.resolve(fabricSettings(layout, msp)),
      onEnd: () => undefined, // its nodes are not our children: a gateway says what it cannot reach
      stop: () => bringDown(layout),
    };
  } finally {
    await administrator.close();
  }
}

/** Writes a gateway's identity and the peers it may ask, and names the files. */
function fabricSettings(layout: Layout, msp: string): Readonly<Record<string, string>> {
  const member = readMember(layout, msp);
  const folder = join(layout.folder, 'gateways', msp);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  write('certificate.pem', member.certificatePem);
  write('key.pem', member.keyPem);
  write('tls-certificate.pem', member.tlsCertificatePem);
  write('tls-key.pem', member.tlsKeyPem);
  const peers = write('peers.json', JSON.stringify(member.peers, null, 2));
  const GENESIS_HASH = toHex(member.genesisHash);
  return { LEDGER: 'fabric', FABRIC_PEERS: peers, GENESIS_HASH, IDENTITY_DIR: folder };
}
