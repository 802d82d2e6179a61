// SPDX-License-Identifier: Apache-2.0
// The ledger as of a moment: its blocks are read again from the first on, up to that time, into memory. Nothing else is
// believed, neither a gateway's replica nor what anybody remembers.
import type { Block, Ledger } from '@zhenglian/network/ledger';
import { assess, locate } from '@zhenglian/core/assess';
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { Report } from '@zhenglian/core/report';
import { keyOf } from '../checking/replica-facts.ts';
import { readBlock } from './block-writes.ts';
import { rebuildTrustBundle } from './consortium.ts';
import { viewLedger } from './ledger-view.ts';
import type { LedgerEvent } from './ledger-view.ts';
import { memoryTable } from './memory-table.ts';
import { NO_BLOCKS } from './replica-records.ts';

/** What the ledger said at a moment. */
export interface PastLedger {
  /** Number of blocks that were there. */
  readonly height: number;
  readonly bundle: TrustBundle | undefined;
  /** The verdict on a presentation as a checker level with the ledger would have had it then. */
  assess(presentation: string, act: string): Promise<Report>;
  eventsOf(presentation: string): Promise<readonly LedgerEvent[]>;
}

/**
 * Reads the blocks up to a time (unix seconds). A block belongs to the past when its last transaction does.
 * @throws LEDGER_REFUSED when the blocks are no chain; the ledger's codes
 */
export async function replayLedger(past: {
  readonly ledger: Pick<Ledger, 'blocks' | 'height'>;
  readonly networkId: Uint8Array;
  readonly at: number;
}): Promise<PastLedger> {
  const { ledger, networkId, at } = past;
  const db = memoryTable();
  const end = await ledger.height();
  const stop = new AbortController();
  let meta = NO_BLOCKS;
  try {
    if (end > 0) {
      for await (const block of ledger.blocks(0, stop.signal)) {
        if (timeOf(block) > at) break;
        if (meta.height > 0 && !equals(block.previousHash, meta.hash)) {
          throw new CodedError('LEDGER_REFUSED', 'the blocks are no chain');
        }
        const effect = await readBlock(db, meta, block);
        await db.write(effect.writes);
        meta = effect.meta;
        if (meta.height >= end) break;
      }
    }
  } finally {
    stop.abort();
  }
  const bundle = await rebuildTrustBundle(db, at);
  const view = viewLedger(db);
  return {
    height: meta.height,
    bundle,
    async assess(presentation, act) {
      const policy = { networkId, act };
      const place = locate(presentation);
      const key = place && bundle && keyOf(bundle, place.kid);
      const speaks = { at, msps: [], current: true };
      const trust = bundle && { bundle, ...speaks };
      const held = place && key && (await view.epoch(key.uscc, place.epoch));
      const inclusion = place && key && (await view.inclusion(key.uscc, place.epoch, place.index));
      const facts = {
        ...(trust && { trust }),
        ...(held && { epoch: { evidence: { networkId, ...held.content, at }, ...speaks } }),
        ...(inclusion && { inclusion }),
      };
      return assess(presentation, facts, policy, at);
    },
    async eventsOf(presentation) {
      const place = locate(presentation);
      const key = place && bundle && keyOf(bundle, place.kid);
      return place && key ? view.events(key.uscc, place.epoch, place.index) : [];
    },
  };
}

function timeOf(block: Block): number {
  return Math.max(0, ...block.transactions.map(({ at }) => at));
}
