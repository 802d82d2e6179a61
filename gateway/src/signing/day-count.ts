// SPDX-License-Identifier: Apache-2.0
// How many signatures a permit gave on a day. The table holds how many were set apart: a block is written before the
// first signature of it is given, so a kill loses what is left of a block and never gives one too many.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { integer } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';

/** So many of a permit, at most `limit` on its day. */
export interface Taking {
  readonly name: string;
  readonly count: number;
  readonly limit: number;
}

/** A count by day. */
export interface DayCount {
  /** Takes all or nothing; gives the name of what is exhausted. @throws STORAGE_FULL, and nothing is taken */
  take(day: number, takings: readonly Taking[]): Promise<string | undefined>;
}

interface Standing {
  /** Set apart in the table. */
  readonly apart: number;
  /** Of these, not given yet. */
  readonly left: number;
}

const LARGEST_BLOCK = 10_000;
const count = integer(0, Number.MAX_SAFE_INTEGER);

/** A count in a table of its own. */
export function createDayCount(table: Table): DayCount {
  let today: number | undefined;
  let standings = new Map<string, Standing>();
  let queue: Promise<unknown> = Promise.resolve();

  const turnTo = async (day: number) => {
    if (today === day) return;
    const others: TableChange[] = [];
    standings = new Map();
    for await (const { key, value } of table.range({ prefix: 'day/' })) {
      const [, stored = '', name = ''] = key.split('/');
      if (Number(stored) === day) {
        standings.set(name, { apart: count(decodeCbor(value), 'count'), left: 0 });
      } else if (Number(stored) < day - KEPT_DAYS) others.push({ key });
    }
    await table.write(others);
    today = day;
  };

  const take = async (day: number, takings: readonly Taking[]) => {
    await turnTo(day);
    const changes: TableChange[] = [];
    const after = new Map<string, Standing>();
    for (const taking of takings) {
      const before = standings.get(taking.name) ?? { apart: 0, left: 0 };
      const standing = afterTaking(before, taking);
      if (standing === undefined) return taking.name;
      after.set(taking.name, standing);
      if (standing.apart === before.apart) continue;
      changes.push({
        key: `day/${String(day)}/${taking.name}`,
        value: encodeCbor(standing.apart),
      });
    }
    await table.write(changes);
    for (const [name, standing] of after) standings.set(name, standing);
    return undefined;
  };

  return {
    take(day, takings) {
      // One after the other: two who take at once must not take the same.
      const taken = queue.then(() => take(day, takings));
      queue = taken.catch(() => undefined);
      return taken;
    },
  };
}

/** A clock set back by a few days meets the counts of those days again. */
const KEPT_DAYS = 7;

function afterTaking({ apart, left }: Standing, taking: Taking): Standing | undefined {
  const given = apart - left;
  if (given + taking.count > taking.limit) return undefined;
  if (taking.count <= left) return { apart, left: left - taking.count };
  // At most a hundredth of a limit is lost by a kill.
  const block = Math.max(1, Math.min(LARGEST_BLOCK, Math.floor(taking.limit / 100)));
  const wanted = apart + Math.max(block, taking.count - left);
  const next = Math.min(taking.limit, wanted);
  return { apart: next, left: next - given - taking.count };
}
