// SPDX-License-Identifier: Apache-2.0
// Puts the embedded network together from a data directory: lock, identities, states, contracts, chain.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeCbor } from '@zhenglian/core/cbor';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { fromPem } from '@zhenglian/core/x509';
import { encodeEnvelope } from '../proposal.ts';
import { common } from '../protos.ts';
import { BlockStore } from './block-store.ts';
import { loadContracts } from './contracts.ts';
import { ensureMember, ensureRoot, organisationFolder } from './identities.ts';
import { LedgerProcess } from './ledger-process.ts';
import { createMembership } from './membership.ts';
import { Organisation } from './organisation.ts';
import { StateStore } from './state-store.ts';
import type { NetworkDefinition } from '../definition.ts';
import type { BundlePaths } from '../bundles.ts';

/** What to open. */
export interface OpenOptions {
  readonly dataDir: string;
  readonly definition: NetworkDefinition;
  readonly bundles: BundlePaths;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Opens the network of a data directory, making what is not there yet.
 * @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, START_FAILED, BLOCK_INVALID
 */
export async function openLedger(options: OpenOptions): Promise<LedgerProcess> {
  const { dataDir, definition, bundles, now } = options;
  await makeFolder(join(dataDir, 'ledger'));
  // The chain first: opening it is the lock, and nothing is written before it is held.
  const blocks = await BlockStore.open(join(dataDir, 'ledger', 'blocks'));
  const states: StateStore[] = [];
  try {
    const contracts = loadContracts(bundles);
    const msps = definition.organisations.map(({ msp }) => msp);
    const roots = await makeRoots(dataDir, msps, now());
    const rules = { channel: definition.channel, msps, membership: createMembership(roots) };
    const organisations = new Map<string, Organisation>();
    const failures = new Map<string, string>();
    for (const msp of msps) {
      const identity = await ensureMember(dataDir, msp, { role: 'peer' }, now());
      await ensureMember(dataDir, msp, { role: 'admin' }, now());
      try {
        const state = await StateStore.open(join(organisationFolder(dataDir, msp), 'state'));
        states.push(state);
        organisations.set(msp, new Organisation({ identity, state, rules, contracts, now }));
      } catch (error) {
        // One organisation's broken disk is its own trouble: the others go on, and health names it.
        failures.set(msp, error instanceof Error ? error.message : 'unknown');
      }
    }
    const config = configEnvelope(definition, roots);
    return await LedgerProcess.open(blocks, organisations, failures, rules, config);
  } catch (error) {
    for (const state of states) await state.close();
    await blocks.close();
    throw isCodedError(error) ? error : unwritable(error);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unwritable(cause);
  }
}

function unwritable(cause: unknown): CodedError {
  return new CodedError('DATA_DIR_UNWRITABLE', 'the data directory cannot be written', { cause });
}

async function makeRoots(
  dataDir: string,
  msps: readonly string[],
  now: number,
): Promise<Map<string, Uint8Array>> {
  const roots = new Map<string, Uint8Array>();
  for (const msp of msps) {
    roots.set(msp, fromPem((await ensureRoot(dataDir, msp, now)).certificatePem));
  }
  return roots;
}

/** Block 0: what the network is made of, as a configuration envelope nobody signs; each start compares it. */
function configEnvelope(
  definition: NetworkDefinition,
  roots: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setChannelId(definition.channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(
    encodeCbor({
      channel: definition.channel,
      organisations: definition.organisations.map(({ msp }) => ({
        msp,
        root: roots.get(msp) ?? new Uint8Array(0),
      })),
    }),
  );
  return encodeEnvelope(payload.serializeBinary(), new Uint8Array(0));
}
