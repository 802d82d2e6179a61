// SPDX-License-Identifier: Apache-2.0
// The ledger as of a moment: its blocks are read again from the first on, up to that time, into memory. Nothing else is
// believed, neither a gateway's replica nor what anybody remembers.
import type { Block, Ledger } from '@zhenglian/network/ledger';
import { assess, locate } from '@zhenglian/core/assess';
import type { Facts } from '@zhenglian/core/assess';
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { Report } from '@zhenglian/core/report';
import { keyOf } from '../checking/replica-facts.ts';
import { readBlock } from './block-writes.ts';
import { rebuildTrustBundle } from './consortium.ts';
import { viewLedger } from './ledger-view.ts';
import type { LedgerView } from './ledger-view.ts';
import { memoryTable } from './memory-table.ts';
import type { Replica } from './replica.ts';
import { NO_BLOCKS, readRow, replicaKey } from './replica-records.ts';

/** What the ledger said at a moment. */
export interface PastLedger {
  /** Number of blocks that were there. */
  readonly height: number;
  readonly bundle: TrustBundle | undefined;
  /** The verdict on a presentation as a checker level with the ledger would have had it then. */
  assess(presentation: string, act: string): Promise<Report>;
  /** What these blocks say, for checking a trail against them. */
  readonly witness: Pick<Replica, 'height' | 'trustBundle' | 'eventsOf' | 'traceRootBy'>;
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
      const facts =
        bundle === undefined ? {} : await factsOf(view, bundle, presentation, networkId);
      return assess(presentation, facts, { networkId, act }, at);
    },
    witness: {
      height: () => meta.height,
      trustBundle() {
        if (bundle === undefined) throw new CodedError('NOT_FOUNDED', 'nothing was founded then');
        return { bundle, at };
      },
      eventsOf: (uscc, epoch, index) => view.events(uscc, epoch, index),
      async traceRootBy(transactionId) {
        const stored = await db.get(replicaKey.traceTransaction(transactionId));
        return stored === undefined ? undefined : readRow.trace(stored);
      },
    },
  };
}

/** What a checker level with the ledger would have held at the bundle's time. */
async function factsOf(
  view: LedgerView,
  bundle: TrustBundle,
  presentation: string,
  networkId: Uint8Array,
): Promise<Facts> {
  const speaks = { at: bundle.at, msps: [], current: true };
  const trust = { bundle, ...speaks };
  const place = locate(presentation);
  const key = place && keyOf(bundle, place.kid);
  if (place === undefined || key === undefined) return { trust };
  const held = await view.epoch(key.uscc, place.epoch);
  if (held === undefined) return { trust };
  const inclusion = await view.inclusion(key.uscc, place.epoch, place.index);
  const evidence = { networkId, ...held.content, at: bundle.at };
  return { trust, epoch: { evidence, ...speaks }, ...(inclusion && { inclusion }) };
}

function timeOf(block: Block): number {
  return Math.max(0, ...block.transactions.map(({ at }) => at));
}
