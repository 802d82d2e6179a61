// SPDX-License-Identifier: Apache-2.0
// Checks the data of a ledger that does not run: the chain by its hashes, each organisation's state by replaying every block.
import { join } from 'node:path';
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { fromPem } from '@zhenglian/core/x509';
import { BlockStore } from './block-store.ts';
import { ensureRoot, organisationFolder } from './identities.ts';
import { createMembership } from './membership.ts';
import { StateStore } from './state-store.ts';
import { judgeBlock } from './validation.ts';
import type { NetworkDefinition } from '../definition.ts';

/** What an audit found of one organisation. */
export interface OrganisationAudit {
  readonly msp: string;
  readonly height: number;
  /** Whether its state is, key by key, what the blocks up to its height make of an empty one. */
  readonly isReplayed: boolean;
}

/** What an audit found. */
export interface LedgerAudit {
  readonly height: number;
  readonly organisations: readonly OrganisationAudit[];
}

/**
 * Audits a data directory; `scratchDir` takes the replayed state.
 * @throws DATA_DIR_LOCKED while the ledger runs, BLOCK_INVALID where the chain is broken
 */
export async function auditLedger(
  dataDir: string,
  definition: NetworkDefinition,
  scratchDir: string,
): Promise<LedgerAudit> {
  const blocks = await BlockStore.open(join(dataDir, 'ledger', 'blocks'));
  try {
    checkChain(blocks);
    const msps = definition.organisations.map(({ msp }) => msp);
    const roots = new Map<string, Uint8Array>();
    for (const msp of msps) {
      roots.set(msp, fromPem((await ensureRoot(dataDir, msp, 0)).certificatePem));
    }
    const rules = { channel: definition.channel, msps, membership: createMembership(roots) };
    const organisations: OrganisationAudit[] = [];
    for (const msp of msps) {
      const state = await StateStore.open(join(organisationFolder(dataDir, msp), 'state'));
      const replay = await StateStore.open(join(scratchDir, msp));
      for (let n = 0; n < Math.min(state.height, blocks.height); n++) {
        await replay.commit(await judgeBlock(blocks.read(n), replay, rules));
      }
      organisations.push({ msp, height: state.height, isReplayed: await isSame(state, replay) });
      await state.close();
      await replay.close();
    }
    return { height: blocks.height, organisations };
  } finally {
    await blocks.close();
  }
}

function checkChain(blocks: BlockStore): void {
  let previous = new Uint8Array(0);
  for (let n = 0; n < blocks.height; n++) {
    const block = blocks.read(n);
    if (block.number !== n || !equals(block.previousHash, previous)) {
      throw new CodedError('BLOCK_INVALID', `block ${String(n)} does not follow its chain`);
    }
    previous = new Uint8Array(block.hash);
  }
}

async function isSame(a: StateStore, b: StateStore): Promise<boolean> {
  const others = b.dump();
  for await (const [key, value] of a.dump()) {
    const other = await others.next();
    if (other.done === true) return false;
    const [otherKey, otherValue] = other.value;
    if (otherKey !== key || !equals(otherValue, value)) return false;
  }
  return (await others.next()).done === true;
}
