// SPDX-License-Identifier: Apache-2.0
// Starts the embedded ledger as a process of its own, waits until it serves, and founds the network once.
import { toHex } from '@zhenglian/core/bytes';
import { BUNDLES } from '../bundles.ts';
import { connectEmbedded } from './client.ts';
import { ensureFounded } from '../found.ts';
import { ensureMember, ensureRoot } from './identities.ts';
import { spawnLedger } from './spawn-ledger.ts';
import type { ChildProcess } from 'node:child_process';
import type { MemberIdentity } from '../identity.ts';
import type { NetworkDefinition } from '../definition.ts';
import type { Founder } from '../found.ts';

/** What to start: the definition, and where its data lives. */
export interface StartOptions extends NetworkDefinition {
  readonly dataDir: string;
  /** A free one unless given. */
  readonly port?: number;
}

/** A running ledger process. */
export interface EmbeddedNetwork {
  readonly url: string;
  readonly process: ChildProcess;
  /** Network id in hex: SM3 of the founding definition. */
  readonly fingerprint: string;
  /** A client's identity, made when it does not exist yet; files under `organisations/<msp>/clients/<name>`. */
  identity(msp: string, clientName: string): Promise<MemberIdentity>;
  adminIdentity(msp: string): Promise<MemberIdentity>;
  stop(): Promise<void>;
}

/**
 * Starts, or starts again, the network of a data directory; the same call twice after each other is one network.
 * @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, PORT_IN_USE, BLOCK_INVALID, START_FAILED, and the codes of `Found`
 */
export async function startEmbedded(options: StartOptions): Promise<EmbeddedNetwork> {
  const { dataDir, port, ...definition } = options;
  const spawned = await spawnLedger({
    dataDir,
    definition,
    bundles: BUNDLES,
    ...(port !== undefined && { port }),
  });
  try {
    const networkId = await found(spawned.url, dataDir, definition);
    return {
      ...spawned,
      fingerprint: toHex(networkId),
      identity: (msp, name) => ensureMember(dataDir, msp, { role: 'client', name }, Date.now()),
      adminIdentity: (msp) => ensureMember(dataDir, msp, { role: 'admin' }, Date.now()),
    };
  } catch (error) {
    await spawned.stop();
    throw error;
  }
}

async function found(
  url: string,
  dataDir: string,
  definition: NetworkDefinition,
): Promise<Uint8Array> {
  const founders = new Map<string, Founder>();
  for (const { msp } of definition.organisations) {
    const root = await ensureRoot(dataDir, msp, Date.now());
    const administrator = await ensureMember(dataDir, msp, { role: 'admin' }, Date.now());
    founders.set(msp, { root, administrator });
  }
  const [first] = founders.values();
  if (!first) throw new TypeError('a network without organisations');
  const ledger = await connectEmbedded({
    url,
    channel: definition.channel,
    ...first.administrator,
  });
  try {
    return await ensureFounded(ledger, definition, founders);
  } finally {
    await ledger.close();
  }
}
