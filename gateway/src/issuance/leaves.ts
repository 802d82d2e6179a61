// SPDX-License-Identifier: Apache-2.0
// The leaves of all lanes: stored with the copies, read in order when a batch is made of them. What this instance placed
// lately it knows without reading it back, unless a leaf of the lane was replaced meanwhile, by whichever instance: each
// replacement, under the lane's lock, leaves another mark.
import { toHex } from '@zhenglian/core/bytes';
import type { RandomBytes } from '../context.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { LaneName } from './lane.ts';
import { packRuns, sizeOf, slicedRun, storedRuns, storeRun, unpackRun } from './leaf.ts';
import type { Leaf, LeafRun } from './leaf.ts';

/** Leaves of an authority's lanes. */
export interface Leaves {
  /** New leaves of a lane, in order of index; `keep` once the changes are stored. */
  add(
    lane: LaneName,
    leaves: readonly Leaf[],
  ): {
    readonly changes: readonly TableChange[];
    readonly keep: () => void;
  };
  /** What stands from an index on, so many at most. */
  load(lane: LaneName, from: number, limit: number): Promise<readonly LeafRun[]>;
  /** The changes that put other leaves where some stand already, in order of index. Under the lane's lock, until they are written. */
  replace(lane: LaneName, leaves: readonly Leaf[]): Promise<readonly TableChange[]>;
  /** Indexes below are anchored: their leaves are hardly asked for any more. */
  anchored(lane: LaneName, below: number): void;
}

/** Leaves kept in memory, of all lanes together: 64 bytes each. */
const MOST_KEPT = 200_000;

/** The leaves of a store. */
export function createLeaves(store: Table, random: RandomBytes): Leaves {
  /** The mark of each lane as it was when what is kept of it was right. */
  const marks = new Map<string, string>();
  const kept = new Map<string, LeafRun[]>();
  let count = 0;
  const forget = (lane: LaneName, below: number) => {
    const runs = kept.get(nameOf(lane)) ?? [];
    while (runs[0] !== undefined && runs[0].first + sizeOf(runs[0]) <= below) {
      count -= sizeOf(runs[0]);
      runs.shift();
    }
    if (runs.length === 0) kept.delete(nameOf(lane));
  };
  const keep = (lane: LaneName, runs: readonly LeafRun[]) => {
    const [first] = runs;
    if (first === undefined) return;
    const known = kept.get(nameOf(lane)) ?? [];
    const last = known.at(-1);
    const isNext = last === undefined || last.first + sizeOf(last) === first.first;
    if (!isNext || count > MOST_KEPT) forget(lane, Infinity);
    kept.set(nameOf(lane), [...(kept.get(nameOf(lane)) ?? []), ...runs]);
    count += runs.reduce((sum, run) => sum + sizeOf(run), 0);
  };
  return {
    add(lane, leaves) {
      const runs = packRuns(leaves);
      return { changes: runs.map((run) => storeRun(lane, run)), keep: () => keep(lane, runs) };
    },
    async load(lane, from, limit) {
      const mark = toHex((await store.get(markKey(lane))) ?? new Uint8Array());
      if ((marks.get(nameOf(lane)) ?? '') !== mark) {
        forget(lane, Infinity);
        marks.set(nameOf(lane), mark);
      }
      const known = kept.get(nameOf(lane)) ?? [];
      if (known[0] === undefined || known[0].first > from) {
        return loadStored(store, lane, from, limit);
      }
      return known.flatMap((run) => slicedRun(run, from, from + limit) ?? []);
    },
    async replace(lane, leaves) {
      const [first] = leaves;
      if (first === undefined) return [];
      const last = leaves.at(-1)?.index ?? -1;
      const others = new Map(leaves.map((leaf) => [leaf.index, leaf]));
      const changes: TableChange[] = [{ key: markKey(lane), value: random(8) }];
      for await (const run of storedRuns(store, lane, first.index)) {
        if (run.first > last) break;
        // The last leaf of a row stays the last of one: its key is written again.
        const after = unpackRun(run).map((leaf) => others.get(leaf.index) ?? leaf);
        changes.push(...packRuns(after).map((part) => storeRun(lane, part)));
      }
      return changes;
    },
    anchored: (lane, below) => forget(lane, below),
  };
}

async function loadStored(
  store: Table,
  lane: LaneName,
  from: number,
  limit: number,
): Promise<readonly LeafRun[]> {
  const runs: LeafRun[] = [];
  for await (const run of storedRuns(store, lane, from)) {
    const part = slicedRun(run, from, from + limit);
    if (part === undefined) break;
    runs.push(part);
  }
  return runs;
}

function markKey(lane: LaneName): string {
  return `leaf-mark/${nameOf(lane)}`;
}

function nameOf({ uscc, epoch }: LaneName): string {
  return `${uscc}/${String(epoch)}`;
}
