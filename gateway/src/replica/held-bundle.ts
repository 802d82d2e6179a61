// SPDX-License-Identifier: Apache-2.0
// The trust bundle a replica holds: rebuilt from the consortium's records as the blocks left them, never taken from a
// peer's answer, which is one organisation's word (docs/ledger.md §9, §11).
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { Clock } from '../context.ts';
import type { Table } from '../store/table.ts';
import { rebuildTrustBundle } from './consortium.ts';

/** The trust bundle, and when it was last known to be current (unix seconds). */
export interface HeldBundle {
  readonly bundle: TrustBundle;
  readonly at: number;
}

interface BundleOptions {
  readonly db: Table;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
}

/** Keeps the bundle of the blocks that were applied. */
export interface BundleHolder {
  /** @throws LEDGER_UNAVAILABLE while no block that founds this network was read */
  held(): TrustBundle;
  /** Tells whether the blocks are another network's; nothing is held of it. */
  isForeign(): boolean;
  /** Reads the records anew, after a block that touched them. */
  refresh(): Promise<void>;
}

/** The bundle of the records that a table holds. */
export async function openBundle({ db, networkId, clock }: BundleOptions): Promise<BundleHolder> {
  let current: TrustBundle | undefined;
  let foreign = false;
  const holder: BundleHolder = {
    held() {
      if (current !== undefined) return current;
      throw new CodedError('LEDGER_UNAVAILABLE', 'no block that founds the network was read yet');
    },
    isForeign: () => foreign,
    async refresh() {
      const rebuilt = await rebuildTrustBundle(db, clock());
      if (rebuilt === undefined) return;
      foreign = !equals(rebuilt.networkId, networkId);
      if (foreign) return;
      // The same content keeps its object, so that what was computed from it can be found again.
      if (current?.version !== rebuilt.version) current = rebuilt;
    },
  };
  await holder.refresh();
  return holder;
}
