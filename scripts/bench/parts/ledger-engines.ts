// SPDX-License-Identifier: Apache-2.0
// Both engines for benchmarks: the same four organisations, in a folder that goes away, brought up, joined and ended.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { connectEmbedded } from '@zhenglian/network/embedded/client';
import type { BundlePaths } from '@zhenglian/network/bundles';
import type { Founder } from '@zhenglian/network/found';
import { ensureMember, ensureRoot } from '@zhenglian/network/embedded/identities';
import { spawnLedger } from '@zhenglian/network/embedded/spawn-ledger';
import { layoutOf } from '@zhenglian/network/fabric/layout';
import type { Layout } from '@zhenglian/network/fabric/layout';
import { readFounders, readMember } from '@zhenglian/network/fabric/members';
import { bringDown, bringUp } from '@zhenglian/network/fabric/network';
import { listProcesses } from '@zhenglian/network/fabric/processes';
import type { Programs } from '@zhenglian/network/fabric/programs';
import type { Ledger } from '@zhenglian/network/ledger';
import { networkDefinition, readConsortium } from '../../consortium.ts';
import { firstFreePort } from '../../free-ports.ts';

/** One engine that runs. */
export interface LedgerEngine {
  readonly name: 'fabric' | 'embedded';
  readonly upSeconds: number;
  readonly msps: readonly string[];
  connect(msp: string, role?: 'client' | 'administrator'): Promise<Ledger>;
  founders(): Promise<Map<string, Founder>>;
  /** Its processes by name. */
  processes(): readonly { readonly name: string; readonly pid: number }[];
  /** Bytes of one organisation's blocks on disk. */
  blockBytes(): number;
  /** Fabric's own: to break it, and to start it again. */
  readonly fabric?: { readonly layout: Layout; up(): Promise<void> };
  stop(): Promise<void>;
}

/** What both engines are founded from. */
export const DEFINITION = networkDefinition(readConsortium());
const MSPS = DEFINITION.organisations.map(({ msp }) => msp);

/** Four organisations' real nodes. */
export async function startFabric(programs: Programs, bundles: BundlePaths): Promise<LedgerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-bench-'));
  const layout = layoutOf(folder, DEFINITION, await firstFreePort());
  const up = () => bringUp({ layout, programs, bundles, progress: () => undefined });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const started = performance.now();
  await up().catch((error: unknown) => {
    remove();
    throw error;
  });
  const [first] = layout.organisations;
  const chains = join(first?.folders.peerData ?? '', 'ledger', 'ledgersData', 'chains', 'chains');
  return {
    name: 'fabric',
    upSeconds: (performance.now() - started) / 1000,
    msps: MSPS,
    connect: (msp, role) => connectFabric(readMember(layout, msp, role)),
    founders: () => Promise.resolve(readFounders(layout)),
    processes: () => listProcesses(layout),
    blockBytes: () => sizeOf(chains),
    fabric: { layout, up },
    stop: async () => {
      await bringDown(layout);
      remove();
    },
  };
}

/** One process that holds all four. */
export async function startOneProcess(bundles: BundlePaths): Promise<LedgerEngine> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zhenglian-bench-'));
  const started = performance.now();
  const spawned = await spawnLedger({ dataDir, definition: DEFINITION, bundles });
  const upSeconds = (performance.now() - started) / 1000;
  const member = (msp: string, role?: 'client' | 'administrator') =>
    role === 'administrator'
      ? ensureMember(dataDir, msp, { role: 'admin' }, Date.now())
      : ensureMember(dataDir, msp, { role: 'client', name: 'bench' }, Date.now());
  return {
    name: 'embedded',
    upSeconds,
    msps: MSPS,
    connect: async (msp, role) => {
      const { channel } = DEFINITION;
      return connectEmbedded({ url: spawned.url, channel, ...(await member(msp, role)) });
    },
    founders: async () => {
      const founders = new Map<string, Founder>();
      for (const msp of MSPS) {
        const root = await ensureRoot(dataDir, msp, Date.now());
        founders.set(msp, { root, administrator: await member(msp, 'administrator') });
      }
      return founders;
    },
    processes: () => [{ name: 'ledger', pid: spawned.process.pid ?? 0 }],
    blockBytes: () => sizeOf(join(dataDir, 'ledger', 'blocks')),
    stop: async () => {
      await spawned.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
  }, 0);
}
