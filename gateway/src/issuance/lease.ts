// SPDX-License-Identifier: Apache-2.0
// The epoch an authority's copies get their indexes from, leased to this instance on the ledger. The wish is
// stored before it is submitted: after a kill the ledger's record tells whether it was granted.
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import type { Epoch } from '@zhenglian/core/records/epoch';
import { asCbor, bool, integer, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';

const lease = record({
  epoch: integer(0, 0xffff_ffff),
  /** The next free index. */
  next: integer(0, EPOCH_SIZE),
  /** The next batch. */
  n: integer(0, 0xffff_ffff),
  granted: bool,
});

/** Where an authority's next copy goes. */
export type Lease = Shaped<typeof lease>;

export interface LeaseParts {
  readonly store: Table;
  readonly ledger: {
    epoch(uscc: string, epoch: number): Promise<Pick<Epoch, 'instance'> | undefined>;
    openEpoch(uscc: string, epoch: number, instance: string): Promise<unknown>;
  };
  readonly instance: string;
}

/** The lease with room for a copy; a new epoch is opened where there is none. @throws the ledger's codes */
export async function prepareLease(parts: LeaseParts, uscc: string): Promise<Lease> {
  const kept = await loadLease(parts.store, uscc);
  if (kept?.granted === true && kept.next < EPOCH_SIZE) return kept;
  let epoch = kept === undefined ? 0 : kept.granted ? kept.epoch + 1 : kept.epoch;
  for (;;) {
    const wish = { epoch, next: 0, n: 0, granted: false };
    await parts.store.write([storeLease(uscc, wish)]);
    if (await isGranted(parts, uscc, epoch)) {
      const granted = { ...wish, granted: true };
      await parts.store.write([storeLease(uscc, granted)]);
      return granted;
    }
    epoch += 1;
  }
}

/** The change that stores a lease. */
export function storeLease(uscc: string, content: Lease): TableChange {
  return { key: leaseKey(uscc), value: encodeCbor(asCbor(content)) };
}

/** The lease as it stands. */
export async function loadLease(store: Table, uscc: string): Promise<Lease | undefined> {
  const stored = await store.get(leaseKey(uscc));
  return stored === undefined ? undefined : lease(decodeCbor(stored), 'lease');
}

async function isGranted(parts: LeaseParts, uscc: string, epoch: number): Promise<boolean> {
  const { ledger, instance } = parts;
  const existing = await ledger.epoch(uscc, epoch);
  if (existing !== undefined) return existing.instance === instance;
  try {
    await ledger.openEpoch(uscc, epoch, instance);
    return true;
  } catch (cause) {
    if (!isCodedError(cause, 'EXISTS') && !isCodedError(cause, 'MVCC_CONFLICT')) throw cause;
    return (await ledger.epoch(uscc, epoch))?.instance === instance;
  }
}

function leaseKey(uscc: string): string {
  return `lease/${uscc}`;
}
