// SPDX-License-Identifier: Apache-2.0
// Embedded networks for tests: the small register contract, in this process or as a real one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromPem } from '@zhenglian/core/x509';
import { connectEmbedded } from '../../network/embedded/client.ts';
import { ensureMember, organisationFolder } from '../../network/embedded/identities.ts';
import { openLedger } from '../../network/embedded/open-ledger.ts';
import { serveLedger } from '../../network/embedded/server.ts';
import type { NetworkDefinition } from '../../network/definition.ts';
import type { Ledger } from '../../network/ledger.ts';
import type { LedgerProcess } from '../../network/embedded/ledger-process.ts';

// Refusals are answers here, not log lines.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'critical';

const register = fileURLToPath(new URL('ledger-contracts/register.cjs', import.meta.url));
export const REGISTER_BUNDLES = { consortium: register, organisation: register };

export const DEFINITION: NetworkDefinition = {
  channel: 'zhenglian',
  k: 2,
  threshold: [2, 3],
  testIdentities: true,
  organisations: [
    { msp: 'P44', kind: 'province', prefix: '44', name: { zh: '广东', en: 'Guangdong' } },
    { msp: 'P33', kind: 'province', prefix: '33', name: { zh: '浙江', en: 'Zhejiang' } },
    { msp: 'REG', kind: 'regulator', name: { zh: '监管', en: 'Regulator' } },
  ],
};
export const MSPS = DEFINITION.organisations.map(({ msp }) => msp);

export interface TestNetwork {
  readonly dataDir: string;
  readonly url: string;
  readonly process: LedgerProcess;
  connect(msp: string, options?: { role?: 'client' | 'admin'; deadline?: number }): Promise<Ledger>;
  /** Closes the network but keeps its data; `open` with the same folder goes on. */
  stop(): Promise<void>;
  /** Closes and removes everything. */
  close(): Promise<void>;
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'zhenglian-ledger-'));
}

/** A network in this process, on a real socket. */
export async function openTestNetwork(
  dataDir?: string,
  now: () => number = Date.now,
): Promise<TestNetwork> {
  const folder = dataDir ?? (await temporaryFolder());
  const ledger = await openLedger({
    dataDir: folder,
    definition: DEFINITION,
    bundles: REGISTER_BUNDLES,
    now,
  });
  const server = await serveLedger(ledger, 0);
  let open = true;
  const stop = async () => {
    if (!open) return;
    open = false;
    await server.close();
    await ledger.close();
  };
  return {
    dataDir: folder,
    url: server.url,
    process: ledger,
    connect: (msp, options) => connectMember(folder, server.url, msp, options),
    stop,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A client of a network in a folder. */
export async function connectMember(
  dataDir: string,
  url: string,
  msp: string,
  { role = 'client', deadline }: { role?: 'client' | 'admin'; deadline?: number } = {},
): Promise<Ledger> {
  const member = role === 'client' ? { role, name: 'tester' } : { role };
  const identity = await ensureMember(dataDir, msp, member, Date.now());
  return connectEmbedded({
    url,
    channel: DEFINITION.channel,
    ...identity,
    ...(deadline !== undefined && { deadline }),
  });
}

/** Root certificates by MSP, as a verifier pins them. */
export async function readRoots(dataDir: string): Promise<Map<string, Uint8Array>> {
  const roots = new Map<string, Uint8Array>();
  for (const msp of MSPS) {
    const path = join(organisationFolder(dataDir, msp), 'root', 'certificate.pem');
    roots.set(msp, fromPem(await readFile(path, 'utf8')));
  }
  return roots;
}
