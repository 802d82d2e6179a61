// SPDX-License-Identifier: Apache-2.0
// Networks of real Fabric nodes for tests: in a folder of their own (with a space in its name), on free ports.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromPem } from '@zhenglian/core/x509';
import { connectFabric } from '../../gateway/src/fabric-ledger.ts';
import { openFabric } from '../../gateway/src/fabric-connection.ts';
import { plainAnswer, prepareTransaction } from '../../network/fabric/messages.ts';
import { decodeProposalResponse } from '../../network/proposal.ts';
import { createRawClient } from './raw-client.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { organisationOf, readFounders, readMember } from '../../network/fabric/members.ts';
import { bringDown, bringUp, reset } from '../../network/fabric/network.ts';
import { findPrograms } from '../../network/fabric/programs.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { firstFreePort } from '../../scripts/free-ports.ts';
import type { BundlePaths } from '../../network/bundles.ts';
import type { Layout } from '../../network/fabric/layout.ts';
import type { FabricMember } from '../../network/fabric/members.ts';
import type { Programs } from '../../network/fabric/programs.ts';
import type { Ledger } from '../../network/ledger.ts';

export interface FabricTestNetwork {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly msps: readonly string[];
  connect(msp: string, options?: ConnectOptions): Promise<Ledger>;
  /** Starts again what does not run. */
  up(): Promise<void>;
  /** Ends everything, keeps the data. */
  down(): Promise<void>;
  /** Ends and removes everything. */
  close(): Promise<void>;
}

interface ConnectOptions {
  readonly role?: 'client' | 'administrator';
  readonly deadline?: number;
}

/** Fabric's programs as the environment names them. */
export function testPrograms(): Promise<Programs> {
  const { PATH = '', FABRIC_BIN, FABRIC_CFG_PATH } = process.env;
  return findPrograms({
    path: PATH,
    ...(FABRIC_BIN === undefined ? {} : { bin: FABRIC_BIN }),
    ...(FABRIC_CFG_PATH === undefined ? {} : { config: FABRIC_CFG_PATH }),
  });
}

/** Brings a network of the consortium's four organisations up with these bundles under its chaincode names. */
export async function openFabricNetwork(bundles: BundlePaths): Promise<FabricTestNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian fabric '));
  const definition = networkDefinition(readConsortium());
  const first = await firstFreePort();
  const layout = layoutOf(folder, definition, first);
  const programs = await testPrograms();
  const up = () => bringUp({ layout, programs, bundles, progress: () => undefined });
  const close = async () => {
    await reset(layout);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await up();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    layout,
    programs,
    msps: definition.organisations.map(({ msp }) => msp),
    connect: (msp, { role = 'client', ...rest } = {}) =>
      connectFabric({ ...readMember(layout, msp, role), ...rest }),
    up,
    down: () => bringDown(layout),
    close,
  };
}

/** The steps of a transaction by hand, for a client of an organisation. Its connections close with `close`. */
export function openFabricSteps(layout: Layout, msp: string) {
  const member = readMember(layout, msp);
  const connection = openFabric(member);
  const codes = new Map<string, number>();
  const client = createRawClient({
    ...member,
    ask: async (peer, signed) =>
      plainAnswer(decodeProposalResponse(await connection.ask(peer, signed, Date.now() + 20_000))),
    send: async (envelope, id) => {
      const prepared = prepareTransaction(id, envelope);
      const sent = connection.submit(prepared, Date.now() + 30_000);
      // After an error the chain tells: the transaction may be in it.
      const { code } = await sent.catch((error: unknown) => lookUp(member, id, error));
      codes.set(id, code);
    },
    outcome: (id) => Promise.resolve(codes.get(id)),
  });
  return {
    ...client,
    close: () => {
      connection.close();
    },
  };
}

async function lookUp(member: FabricMember, id: string, why: unknown) {
  const ledger = await connectFabric(member);
  try {
    for (let n = 0; n < 60; n++) {
      const found = await ledger.status(id);
      if (found) return found;
      await sleep(500);
    }
  } finally {
    await ledger.close();
  }
  throw why;
}

/** Certificate and key of an organisation's peer: what whoever runs it holds. */
export function readPeerIdentity(layout: Layout, msp: string) {
  const folder = join(organisationOf(layout, msp).folders.peer, 'msp');
  const only = (name: string) => {
    const [file = ''] = readdirSync(join(folder, name));
    return readFileSync(join(folder, name, file), 'utf8');
  };
  return { certificatePem: only('signcerts'), keyPem: only('keystore') };
}

/** Root certificates by MSP, as a verifier pins them. */
export function readFabricRoots(layout: Layout): Map<string, Uint8Array> {
  return new Map(
    [...readFounders(layout)].map(([msp, { root }]) => [msp, fromPem(root.certificatePem)]),
  );
}
