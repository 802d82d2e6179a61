// SPDX-License-Identifier: Apache-2.0
// What a dead instance left in a shared store: lanes whose copies wait for their anchor. Another takes them over, closed:
// what was placed is anchored, what was left free is never used. Dead is who does not hold its name (locks.ts); one that
// only lost its connection can write nothing under its old locks, and reads that its lanes are gone before it places more.
import type { Locks } from '../locks.ts';
import type { Log } from '../log.ts';
import type { Table } from '../store/table.ts';
import { isDone, listLanes, loadAnchoring, storeFilling } from './lane.ts';
import type { LaneFilling, LaneName } from './lane.ts';

export interface AdoptParts {
  readonly store: Table;
  readonly locks: Locks;
  readonly instance: string;
  readonly authorities: readonly { readonly uscc: string }[];
  readonly log: Log;
}

/** Takes over the lanes of dead instances; gives how many. */
export async function adoptLanes(parts: AdoptParts): Promise<number> {
  const { locks, log } = parts;
  let adopted = 0;
  for (const other of new Set((await unsettled(parts)).map(({ instance }) => instance))) {
    await locks.ifFree(`instance/${other}`, async () => {
      const left = (await unsettled(parts)).filter(({ instance }) => instance === other);
      await parts.store.write(
        left.map(({ type, next, ...name }) =>
          storeFilling(name, { instance: parts.instance, type, next, state: 'closed' }),
        ),
      );
      adopted += left.length;
      log.warn('lanes adopted', { instance: other, count: left.length });
    });
  }
  return adopted;
}

/** Lanes of others that are open or wished, or hold what is not anchored. */
async function unsettled({
  store,
  instance,
  authorities,
}: AdoptParts): Promise<readonly (LaneName & LaneFilling)[]> {
  const found: (LaneName & LaneFilling)[] = [];
  for (const { uscc } of authorities) {
    for (const lane of await listLanes(store, uscc)) {
      if (lane.instance === instance) continue;
      if (!isDone({ ...lane, ...(await loadAnchoring(store, lane)) })) found.push(lane);
    }
  }
  return found;
}
