// SPDX-License-Identifier: Apache-2.0
// Leasing an epoch to this instance on the ledger. The wish is stored before it is submitted: after a kill the ledger's
// record tells whether it was granted. An epoch that the ledger says is ours and for which no wish was stored comes from
// a life that a backup took back: it is passed over, since its indexes may be used.
import { isCodedError } from '@zhenglian/core/errors';
import type { Epoch } from '@zhenglian/core/records/epoch';
import type { FaultPoint } from '../fault-points.ts';
import type { Locks } from '../locks.ts';
import type { Table } from '../store/table.ts';
import { listLanes, storeFilling } from './lane.ts';
import type { LaneFilling, LaneName } from './lane.ts';

export interface LeaseParts {
  readonly store: Table;
  readonly locks: Locks;
  readonly ledger: {
    epoch(uscc: string, epoch: number): Promise<Pick<Epoch, 'instance'> | undefined>;
    openEpoch(uscc: string, epoch: number, instance: string): Promise<unknown>;
  };
  readonly instance: string;
  readonly fault: FaultPoint;
}

/** An open lane for a type, its epoch granted. @throws the ledger's codes: try again */
export function openLane(
  parts: LeaseParts,
  uscc: string,
  type: string,
): Promise<LaneName & LaneFilling> {
  return parts.locks.hold(`lease/${uscc}`, async () => {
    const lanes = await listLanes(parts.store, uscc);
    const wished = lanes.find(
      (lane) => lane.instance === parts.instance && lane.state === 'wished' && lane.type === type,
    );
    if (wished !== undefined && (await isGranted(parts, wished, true))) return grant(parts, wished);
    let epoch = (lanes.at(-1)?.epoch ?? -1) + 1;
    for (;;) {
      const wish = { uscc, epoch, ...wishFor(parts, type) };
      await parts.store.write([storeFilling(wish, wishFor(parts, type))]);
      parts.fault('lease-wished');
      if (await isGranted(parts, wish, false)) return grant(parts, wish);
      epoch += 1;
    }
  });
}

function wishFor({ instance }: LeaseParts, type: string): LaneFilling {
  return { instance, type, next: 0, state: 'wished' };
}

async function grant(
  parts: LeaseParts,
  wish: LaneName & LaneFilling,
): Promise<LaneName & LaneFilling> {
  const { uscc, epoch, instance, type, next } = wish;
  const filling: LaneFilling = { instance, type, next, state: 'open' };
  parts.fault('lease-granted');
  await parts.store.write([storeFilling({ uscc, epoch }, filling)]);
  return { uscc, epoch, ...filling };
}

/** Asks for an epoch; one that is another's is given up. `isKnown`: our own wish for it was stored in an earlier life. */
async function isGranted(
  parts: LeaseParts,
  wish: LaneName & LaneFilling,
  isKnown: boolean,
): Promise<boolean> {
  const { ledger, instance } = parts;
  const { uscc, epoch } = wish;
  const existing = await ledger.epoch(uscc, epoch);
  if (existing === undefined) {
    try {
      await ledger.openEpoch(uscc, epoch, instance);
      return true;
    } catch (cause) {
      if (!isCodedError(cause, 'EXISTS') && !isCodedError(cause, 'MVCC_CONFLICT')) throw cause;
      if ((await ledger.epoch(uscc, epoch))?.instance === instance) return true;
    }
  } else if (isKnown && existing.instance === instance) return true;
  const { type, next } = wish;
  await parts.store.write([storeFilling(wish, { instance, type, next, state: 'closed' })]);
  return false;
}
