// SPDX-License-Identifier: Apache-2.0
// The lanes of an instance as the store has them, and what a restored backup has forgotten of one: batches that the
// ledger has and the store has not. Their indexes were used after the backup and are not given again.
import type { Log } from '../log.ts';
import type { ProvinceLedger } from '../province-ledger.ts';
import type { Table } from '../store/table.ts';
import { loadBatch } from './batch-record.ts';
import { isDone, listLanes, loadAnchoring, storeFilling } from './lane.ts';
import type { LaneAnchoring, LaneFilling, LaneName } from './lane.ts';

/** A lane as it stands. */
export type Lane = LaneName & LaneFilling & LaneAnchoring;

export interface StoredLanesParts {
  readonly store: Table;
  readonly ledger: Pick<ProvinceLedger, 'batch'>;
  readonly instance: string;
  readonly authorities: readonly { readonly uscc: string }[];
  readonly log: Log;
}

/** Every lane of this instance that is open, or has copies that are not anchored. */
export async function readLanes(
  parts: Pick<StoredLanesParts, 'store' | 'instance' | 'authorities'>,
): Promise<ReadonlyMap<string, Lane>> {
  const lanes = new Map<string, Lane>();
  for (const { uscc } of parts.authorities) {
    for (const filling of await listLanes(parts.store, uscc)) {
      if (filling.instance !== parts.instance || filling.state === 'wished') continue;
      const lane = { ...filling, ...(await loadAnchoring(parts.store, filling)) };
      if (!isDone(lane)) lanes.set(nameOf(lane), lane);
    }
  }
  return lanes;
}

/**
 * The lane as it may be used: closed, at what is anchored or in a batch of its own, where the ledger has the batch after
 * that. What it held beyond is anchored already or never will be. @throws the ledger's codes, the store's: nobody knows yet
 */
export async function closeForgotten(parts: StoredLanesParts, lane: Lane): Promise<Lane> {
  const { uscc, epoch, anchored } = lane;
  const stored = await loadBatch(parts.store, lane, anchored);
  const n = stored === undefined ? lane.n : lane.n + 1;
  if ((await parts.ledger.batch(uscc, epoch, n)) === undefined) return lane;
  const next = stored === undefined ? anchored : stored.first + stored.count;
  const closed: Lane = { ...lane, next, state: 'closed' };
  await parts.store.write([storeFilling(lane, fillingOf(closed))]);
  const facts = { authority: uscc, epoch, n };
  parts.log.error('lane closed: the ledger is ahead of this store', facts);
  return closed;
}

/**
 * What memory knows and what was read of a lane meanwhile, put together. Only commits move an open lane in memory, so
 * that it never stands before the store but where the store was read earlier.
 */
export function further(read: Lane, known: Lane | undefined): Lane {
  if (known === undefined) return read;
  const { n, anchored } = known.anchored > read.anchored ? known : read;
  const next = read.state === 'open' ? Math.max(read.next, known.next) : read.next;
  return { ...read, n, anchored, next };
}

/** The part of a lane that acceptance writes. */
export function fillingOf({ instance, type, next, state }: Lane): LaneFilling {
  return { instance, type, next, state };
}

/** Under which a lane is known in memory. */
export function nameOf({ uscc, epoch }: LaneName): string {
  return `${uscc}/${String(epoch)}`;
}
