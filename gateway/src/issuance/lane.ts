// SPDX-License-Identifier: Apache-2.0
// A lane: one epoch of an authority, leased to one gateway instance, filled with copies of one type in order of index.
// Two rows, since two workers write them: how far it is filled (acceptance), how far it is anchored (anchoring).
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, integer, oneOf, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';

const filling = record({
  instance: text(64),
  type: text(32),
  /** The next free index. */
  next: integer(0, EPOCH_SIZE),
  /** `wished`: asked of the ledger, not known to be granted; `closed`: nothing more is put into it. */
  state: oneOf('wished', 'open', 'closed'),
});
const anchoring = record({
  /** The next batch. */
  n: integer(0, 0xffff_ffff),
  /** Indexes below are anchored. */
  anchored: integer(0, EPOCH_SIZE),
});

/** How far a lane is filled. */
export type LaneFilling = Shaped<typeof filling>;
/** How far a lane is anchored. */
export type LaneAnchoring = Shaped<typeof anchoring>;

/** Which lane. */
export interface LaneName {
  readonly uscc: string;
  readonly epoch: number;
}

const NOTHING: LaneAnchoring = { n: 0, anchored: 0 };

/** The change that says how far a lane is filled. */
export function storeFilling(name: LaneName, content: LaneFilling): TableChange {
  return { key: fillingKey(name), value: encodeCbor(asCbor(content)) };
}

/** The change that says how far a lane is anchored. */
export function storeAnchoring(name: LaneName, content: LaneAnchoring): TableChange {
  return { key: anchoringKey(name), value: encodeCbor(asCbor(content)) };
}

export async function loadFilling(store: Table, name: LaneName): Promise<LaneFilling | undefined> {
  const stored = await store.get(fillingKey(name));
  return stored === undefined ? undefined : filling(decodeCbor(stored), 'lane');
}

export async function loadAnchoring(store: Table, name: LaneName): Promise<LaneAnchoring> {
  const stored = await store.get(anchoringKey(name));
  return stored === undefined ? NOTHING : anchoring(decodeCbor(stored), 'lane');
}

/** All lanes of an authority, of whichever instance, oldest epoch first. */
export async function listLanes(
  store: Table,
  uscc: string,
): Promise<readonly (LaneName & LaneFilling)[]> {
  const prefix = fillingKey({ uscc, epoch: 0 }).slice(0, -10);
  const found: (LaneName & LaneFilling)[] = [];
  for await (const { key, value } of store.range({ prefix })) {
    const epoch = Number(key.slice(prefix.length));
    found.push({ uscc, epoch, ...filling(decodeCbor(value), 'lane') });
  }
  return found;
}

/** Tells whether nothing more comes into a lane, and all that did is anchored. */
export function isDone({ state, next, anchored }: LaneFilling & LaneAnchoring): boolean {
  return anchored === next && (state === 'closed' || next === EPOCH_SIZE);
}

/** The lock under which a lane's next batch is fixed, and an index of it made void. */
export function laneLock({ uscc, epoch }: LaneName): string {
  return `lane/${uscc}/${String(epoch)}`;
}

function fillingKey({ uscc, epoch }: LaneName): string {
  return `lane/${uscc}/${String(epoch).padStart(10, '0')}`;
}

function anchoringKey({ uscc, epoch }: LaneName): string {
  return `lane-anchored/${uscc}/${String(epoch).padStart(10, '0')}`;
}
