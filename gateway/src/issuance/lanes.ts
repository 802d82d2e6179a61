// SPDX-License-Identifier: Apache-2.0
// The lanes of this instance: where the next copies go, leases taken ahead of need, several side by side while much
// waits for its anchor and one when it is quiet. Rows in the store are the truth; what is here is read from them. Lanes
// of an earlier life are used once the ledger has said that this store knows all their batches.
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import type { IssuingAuthority } from '../config.ts';
import type { Log } from '../log.ts';
import type { ProvinceLedger } from '../province-ledger.ts';
import type { TableChange } from '../store/table.ts';
import { adoptLanes } from './adopt-lanes.ts';
import { isDone, loadAnchoring, loadFilling, storeFilling } from './lane.ts';
import type { LaneAnchoring, LaneName } from './lane.ts';
import { openLane } from './lease.ts';
import type { LeaseParts } from './lease.ts';
import { closeForgotten, fillingOf, further, nameOf, readLanes } from './stored-lanes.ts';
import type { Lane } from './stored-lanes.ts';

export type { Lane } from './stored-lanes.ts';

/** An index of an epoch. */
export interface Place {
  readonly epoch: number;
  readonly index: number;
}

/** Places that are taken once `changes` are stored and `commit` was called. */
export interface Reservation {
  readonly places: readonly Place[];
  readonly changes: readonly TableChange[];
  commit(): void;
}

/** The lanes of this instance. */
export interface Lanes {
  /** Free places for copies of a type; one reservation at a time. @throws the ledger's codes where the next epoch must be leased first */
  reserve(uscc: string, type: string, count: number): Promise<Reservation>;
  /** Reads the lanes anew after a write whose outcome is not known; when the store is away, later. */
  reload(): Promise<void>;
  /** Does what the store or the ledger had no answer for: reading anew, asking about lanes. Tells whether all is known. */
  settle(): Promise<boolean>;
  /** Codes of what keeps lanes from being used; empty when all is well. */
  troubles(): readonly string[];
  /** Sees to room for every type that an authority issues; failures wait for the next call. */
  leaseAhead(): Promise<void>;
  /** Every lane in use that is open, or has copies that are not anchored. */
  all(): readonly Lane[];
  /** Takes over what dead instances left; gives how many lanes. */
  adopt(): Promise<number>;
  /** Anchoring has come so far. */
  moved(name: LaneName, anchoring: LaneAnchoring): void;
  /** Tells whether an index is anchored, whichever instance's lane it is in. */
  isAnchored(name: LaneName, index: number): Promise<boolean>;
}

export interface LanesParts extends LeaseParts {
  readonly ledger: Pick<ProvinceLedger, 'epoch' | 'openEpoch' | 'batch'>;
  readonly authorities: readonly IssuingAuthority[];
  readonly shelf: { isAccredited(uscc: string, type: string): boolean };
  readonly log: Log;
  /** Copies of a batch. */
  readonly batchSize: number;
}

/** Free places below which the next epoch is leased. */
const AHEAD = EPOCH_SIZE / 4;
/** Lanes of one type that are filled at once, at most. */
const SIDE_BY_SIDE = 4;
/** Batches waiting in a lane before another is opened beside it. */
const BATCHES_WAITING = 2;

/** Opens the lanes where they stood. */
export async function openLanes(parts: LanesParts): Promise<Lanes> {
  const lanes = new Map<string, Lane>();
  const leasing = new Map<string, Promise<void>>();
  /** Lanes of an earlier life that the ledger was not asked about yet. */
  const unsure = new Set<string>();
  let isStale = true;
  const readAnew = async () => {
    isStale = true;
    const before = [...lanes.keys()];
    const read = await readLanes(parts);
    for (const name of before) if (!read.has(name)) lanes.delete(name);
    for (const [name, lane] of read) lanes.set(name, further(lane, lanes.get(name)));
    isStale = false;
  };
  const reload = () =>
    readAnew().catch((error: unknown) => parts.log.warn('lanes wait for the store', { error }));
  const makeSure = async (name: string) => {
    const lane = lanes.get(name);
    if (lane !== undefined) {
      const sure = await closeForgotten(parts, lane);
      if (isDone(sure)) lanes.delete(name);
      else if (sure !== lane) lanes.set(name, sure);
    }
    unsure.delete(name);
  };
  const askLedger = async () => {
    const waits = (error: unknown) => parts.log.warn('lane waits for the ledger', { error });
    await Promise.all([...unsure].map((name) => makeSure(name).catch(waits)));
  };
  let asking: Promise<void> | undefined;
  /** One question at a time: a lane that is sure may have a batch before a second answer is there. */
  const ask = () => (asking ??= askLedger().finally(() => (asking = undefined)));
  await readAnew();
  for (const name of lanes.keys()) unsure.add(name);
  await ask();

  const inUse = () => [...lanes].filter(([name]) => !unsure.has(name)).map(([, lane]) => lane);
  const withRoom = (uscc: string, type: string) =>
    inUse().filter(
      (lane) =>
        lane.uscc === uscc && lane.type === type && lane.state === 'open' && lane.next < EPOCH_SIZE,
    );
  const lease = (uscc: string, type: string): Promise<void> => {
    const name = `${uscc} ${type}`;
    const begun =
      leasing.get(name) ??
      openLane(parts, uscc, type)
        .then((lane) => {
          lanes.set(nameOf(lane), { ...lane, n: 0, anchored: 0 });
          parts.log.info('epoch leased', { authority: uscc, type, epoch: lane.epoch });
        })
        .finally(() => leasing.delete(name));
    leasing.set(name, begun);
    return begun;
  };
  const wantsMore = (uscc: string, type: string): boolean => {
    const open = withRoom(uscc, type);
    const room = open.reduce((sum, { next }) => sum + EPOCH_SIZE - next, 0);
    if (room < AHEAD) return true;
    const most = BATCHES_WAITING * parts.batchSize;
    return (
      open.length < SIDE_BY_SIDE && open.every(({ next, anchored }) => next - anchored >= most)
    );
  };
  /** In the background: who is accepted now has room already. */
  const leaseIfWanted = (uscc: string, type: string) => {
    if (!wantsMore(uscc, type)) return;
    lease(uscc, type).catch((error: unknown) => {
      parts.log.warn('lease waits', { authority: uscc, type, error });
    });
  };
  /** Another instance may have taken this one for dead and adopted its lanes. */
  const isOurs = async (lane: Lane): Promise<boolean> => {
    const stored = await loadFilling(parts.store, lane);
    return stored?.instance === parts.instance && stored.next === lane.next;
  };
  return {
    async reserve(uscc, type, count) {
      if (isStale) await readAnew();
      if (unsure.size > 0) await ask();
      for (const lane of withRoom(uscc, type)) if (!(await isOurs(lane))) await readAnew();
      const takes = new Map<string, number>();
      const places: Place[] = [];
      while (places.length < count) {
        const lane = emptiest(withRoom(uscc, type), takes);
        if (lane === undefined) {
          await lease(uscc, type);
          continue;
        }
        const taken = takes.get(nameOf(lane)) ?? 0;
        const first = lane.next + taken;
        const size = Math.min(EPOCH_SIZE - first, count - places.length);
        for (let i = 0; i < size; i += 1) places.push({ epoch: lane.epoch, index: first + i });
        takes.set(nameOf(lane), taken + size);
      }
      const after = [...takes].flatMap(([name, taken]) => {
        const lane = lanes.get(name);
        return lane === undefined ? [] : [{ ...lane, next: lane.next + taken }];
      });
      return {
        places,
        changes: after.map((lane) => storeFilling(lane, fillingOf(lane))),
        commit() {
          for (const { next, ...lane } of after) {
            const now = lanes.get(nameOf(lane));
            if (now !== undefined) lanes.set(nameOf(lane), { ...now, next });
          }
          leaseIfWanted(uscc, type);
        },
      };
    },
    reload,
    async settle() {
      if (isStale) await reload();
      if (unsure.size > 0) await ask();
      return !isStale && unsure.size === 0;
    },
    troubles: () => [
      ...(isStale ? ['STORE_UNAVAILABLE'] : []),
      ...(unsure.size > 0 ? ['LEDGER_UNAVAILABLE'] : []),
    ],
    async adopt() {
      const adopted = await adoptLanes(parts);
      if (adopted > 0) await reload();
      return adopted;
    },
    async leaseAhead() {
      for (const { uscc, types } of parts.authorities) {
        for (const type of types) {
          if (!parts.shelf.isAccredited(uscc, type) || !wantsMore(uscc, type)) continue;
          await lease(uscc, type);
        }
      }
    },
    all: inUse,
    moved(name, anchoring) {
      const lane = lanes.get(nameOf(name));
      if (lane === undefined) return;
      const moved = { ...lane, ...anchoring };
      if (isDone(moved)) lanes.delete(nameOf(name));
      else lanes.set(nameOf(name), moved);
    },
    async isAnchored(name, index) {
      const known = lanes.get(nameOf(name)) ?? (await loadAnchoring(parts.store, name));
      return index < known.anchored;
    },
  };
}

function emptiest(open: readonly Lane[], takes: ReadonlyMap<string, number>): Lane | undefined {
  const load = (lane: Lane) => lane.next + (takes.get(nameOf(lane)) ?? 0) - lane.anchored;
  return open
    .filter((lane) => lane.next + (takes.get(nameOf(lane)) ?? 0) < EPOCH_SIZE)
    .reduce<Lane | undefined>(
      (best, lane) => (best === undefined || load(lane) < load(best) ? lane : best),
      undefined,
    );
}
