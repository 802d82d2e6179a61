// SPDX-License-Identifier: Apache-2.0
// What lanes stand on in their tests: a store, and a ledger that has these epochs and batches.
import { CodedError } from '@zhenglian/core/errors';
import type { Batch } from '@zhenglian/core/records/batch';
import { noFault } from '../../gateway/src/fault-points.ts';
import type { Lanes, LanesParts } from '../../gateway/src/issuance/lanes.ts';
import { createLocks } from '../../gateway/src/locks.ts';
import { createLog } from '../../gateway/src/log.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { GUANGDONG } from './support.ts';

export const TYPE = 'driving';
export const BATCH = 100;
export const COMMITTED = { transactionId: 'a', blockNumber: 1, result: new Uint8Array() };
const STAMP = { rev: 1, at: 0 };
const ANY_BATCH = {} as Batch;

/** What the ledger has. */
export interface LaneLedger {
  /** Epochs, and whose they are. */
  readonly epochs: Map<number, string>;
  /** Batches, by epoch and number. */
  readonly batches: Set<string>;
  isAway: boolean;
}

/** The parts of lanes of the instance `own`. */
export function laneParts(
  store: Table,
  ledger: LaneLedger,
  openEpoch?: LanesParts['ledger']['openEpoch'],
): LanesParts {
  const { epochs, batches } = ledger;
  const answer = <T>(answered: () => T): Promise<T> =>
    ledger.isAway
      ? Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'away'))
      : Promise.resolve(answered());
  return {
    store,
    instance: 'own',
    locks: createLocks(),
    fault: noFault,
    log: createLog('silent'),
    batchSize: BATCH,
    authorities: [{ uscc: GUANGDONG, types: [TYPE] }],
    shelf: { isAccredited: () => true },
    ledger: {
      epoch: (uscc, epoch) =>
        answer(() => {
          const instance = epochs.get(epoch);
          return instance === undefined ? undefined : { uscc, epoch, instance, ...STAMP };
        }),
      batch: (_uscc, epoch, n) =>
        answer(() => (batches.has(`${String(epoch)}/${String(n)}`) ? ANY_BATCH : undefined)),
      openEpoch:
        openEpoch ??
        ((_uscc, epoch, instance) =>
          answer(() => {
            if (epochs.has(epoch)) throw new CodedError('EXISTS', 'taken');
            epochs.set(epoch, instance);
            return COMMITTED;
          })),
    },
  };
}

/** Takes places and stores that they are taken. */
export async function takePlaces(lanes: Lanes, store: Table, count: number) {
  const reservation = await lanes.reserve(GUANGDONG, TYPE, count);
  await store.write(reservation.changes);
  reservation.commit();
  return reservation.places;
}
