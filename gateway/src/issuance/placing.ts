// SPDX-License-Identifier: Apache-2.0
// Gives ordered copies their places: indexes taken, copies signed, copies and leaves and lane stored together with
// whatever the caller adds, in one batch of the store. A kill before that batch leaves nothing; after it the copies wait
// for their anchor. One placing at a time, so that indexes follow each other without a gap.
import { toHex } from '@zhenglian/core/bytes';
import type { RandomBytes } from '../context.ts';
import type { FaultPoint } from '../fault-points.ts';
import type { Log } from '../log.ts';
import type { IssuingWatch } from '../observing/issuing-watch.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Table, TableChange } from '../store/table.ts';
import { storeCopy } from './copy-record.ts';
import type { StoredCopy } from './copy-record.ts';
import type { Lanes } from './lanes.ts';
import { leafOf } from './leaf.ts';
import type { Leaf } from './leaf.ts';
import type { Leaves } from './leaves.ts';
import type { LicenceRecord } from './licence-record.ts';
import { mintAll } from './mint.ts';
import type { MintParts } from './mint.ts';

/** A copy that wants a place. */
export interface CopyOrder {
  readonly licence: LicenceRecord;
  readonly holderKey: Uint8Array | null;
  /** The import it came with. */
  readonly job?: string;
}

/** Places copies. */
export interface Placing {
  /**
   * Signs and stores copies together with `changes`. `minted` is called when they are signed: from then on the other thread is free.
   * @throws SIGNER_UNAVAILABLE, STORAGE_FULL, the ledger's codes: nothing is stored then
   */
  place(
    orders: readonly CopyOrder[],
    changes: readonly TableChange[],
    minted?: () => void,
  ): Promise<readonly StoredCopy[]>;
}

export interface PlacingParts extends MintParts {
  readonly store: Table;
  readonly lanes: Lanes;
  readonly leaves: Leaves;
  readonly random: RandomBytes;
  readonly fault: FaultPoint;
  readonly log: Log;
  readonly watch: Pick<IssuingWatch, 'placed'>;
  /** Makes the authority's signer usable, or a new one. @throws the ledger's codes */
  readonly signer: (uscc: string) => Promise<AuthoritySigner>;
  /** Copies were stored and wait for their anchor. */
  readonly notify: () => void;
}

/** Placing over these parts. */
export function createPlacing(parts: PlacingParts): Placing {
  let last: Promise<unknown> = Promise.resolve();
  return {
    place(orders, changes, minted) {
      const placed = last.then(() => placeAll(parts, orders, changes, minted));
      last = placed.catch(() => undefined);
      return placed;
    },
  };
}

interface Placed {
  readonly copies: readonly StoredCopy[];
  readonly changes: readonly TableChange[];
  /** When they are stored. */
  commit(): void;
}

async function placeAll(
  parts: PlacingParts,
  orders: readonly CopyOrder[],
  changes: readonly TableChange[],
  minted?: () => void,
): Promise<readonly StoredCopy[]> {
  const placed: Placed[] = [];
  for (const group of groupsOf(orders)) placed.push(await placeGroup(parts, group));
  minted?.();
  parts.fault('placed-not-stored');
  try {
    await parts.store.write([...placed.flatMap((group) => group.changes), ...changes]);
  } catch (cause) {
    await parts.lanes.reload();
    throw cause;
  }
  parts.fault('stored');
  for (const each of placed) each.commit();
  parts.notify();
  const copies = placed.flatMap((group) => group.copies);
  parts.watch.placed(copies);
  for (const copy of copies) logPlace(parts.log, copy);
  return copies;
}

/** Of a licence asked for by itself; those of an import are told by it. */
function logPlace(log: Log, { licence, job, place: { epoch, index } }: StoredCopy): void {
  if (job === undefined) log.info('placed', { id: licence, epoch, index });
}

/** Orders that share authority and type: a reservation sees what was reserved before it only once that is stored. */
function groupsOf(orders: readonly CopyOrder[]): Iterable<readonly CopyOrder[]> {
  const groups = new Map<string, CopyOrder[]>();
  for (const order of orders) {
    const name = `${order.licence.uscc} ${order.licence.type}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [order]);
    else group.push(order);
  }
  return groups.values();
}

async function placeGroup(parts: PlacingParts, orders: readonly CopyOrder[]): Promise<Placed> {
  const [first] = orders;
  if (first === undefined) throw new TypeError('unreachable: a group has an order');
  const { uscc, type } = first.licence;
  const signer = await parts.signer(uscc);
  const reservation = await parts.lanes.reserve(uscc, type, orders.length);
  const wanted = orders.flatMap((order, i) => {
    const place = reservation.places[i];
    return place === undefined ? [] : [{ ...order, place }];
  });
  const minted = await mintAll(parts, wanted, signer);
  const copies: StoredCopy[] = [];
  const changes: TableChange[] = [...reservation.changes];
  const leaves = new Map<number, Leaf[]>();
  for (const [i, { place, argument }] of minted.entries()) {
    const order = wanted[i];
    if (order === undefined) continue;
    const copy = newCopy(parts.random, order, place);
    copies.push(copy);
    changes.push(storeCopy(copy));
    const ofLane = leaves.get(place.epoch) ?? [];
    ofLane.push(leafOf(copy, argument));
    leaves.set(place.epoch, ofLane);
  }
  const added = [...leaves].map(([epoch, of]) => parts.leaves.add({ uscc, epoch }, of));
  return {
    copies,
    changes: [...changes, ...added.flatMap((each) => each.changes)],
    commit() {
      reservation.commit();
      for (const each of added) each.keep();
    },
  };
}

function newCopy(
  random: RandomBytes,
  { licence, holderKey, job }: CopyOrder,
  place: StoredCopy['place'],
): StoredCopy {
  return {
    id: toHex(random(16)),
    licence: licence.id,
    uscc: licence.uscc,
    type: licence.type,
    holderKey,
    own: 'valid',
    abandoned: false,
    place,
    ...(job === undefined ? {} : { job }),
  };
}
