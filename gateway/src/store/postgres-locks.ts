// SPDX-License-Identifier: Apache-2.0
// Locks between instances: PostgreSQL's advisory locks, all on one connection of this process. When it ends, by a kill or
// a restart of the server, the server frees them, and what was begun under them can write nothing any more: every write
// names the connection its locks are on (postgres-write.ts).
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createLocks } from '../locks.ts';
import type { Locks } from '../locks.ts';
import { openLockSession } from './lock-session.ts';
import type { Postgres } from './postgres-client.ts';
import { repeatable } from './postgres-write.ts';
import type { Fence } from './postgres-write.ts';

/** Locks, and the connection that holds those of the task at hand. */
export interface PostgresLocks extends Locks {
  readonly fence: () => Fence | undefined;
}

/** A lock that a task is under. What the task has begun and not waited for outlives it: a worker, say. */
interface Held {
  readonly fence: Fence;
  readonly outer: Held | undefined;
  isOver: boolean;
}

/** A name that others have is asked for again after so many milliseconds, growing. */
const ASK_FIRST_MS = 2;
const ASK_MOST_MS = 50;
/** So long a dead process's connection may take to be noticed. */
const KEEP_TRIES_MS = 15_000;

/** Opens the locks of this process. @throws STORE_UNAVAILABLE */
export async function openPostgresLocks(db: Postgres): Promise<PostgresLocks> {
  const session = await openLockSession(db);
  const inside = createLocks();
  const held = new AsyncLocalStorage<Held>();

  const attempt = (name: string) => repeatable(() => session.acquire(name));
  const under = async <T>(name: string, fence: Fence, task: () => Promise<T>): Promise<T> => {
    const mine: Held = { fence, outer: stillHeld(held.getStore()), isOver: false };
    try {
      return await held.run(mine, task);
    } finally {
      mine.isOver = true;
      await session.release(name, fence);
    }
  };
  return {
    fence: () => outermost(held.getStore()),
    hold: (name, task) =>
      inside.hold(name, async () => {
        for (let wait = ASK_FIRST_MS; ; wait = Math.min(2 * wait, ASK_MOST_MS)) {
          const fence = await attempt(name);
          if (fence !== undefined) return under(name, fence, task);
          await pause(wait);
        }
      }),
    ifFree: (name, task) =>
      inside.ifFree(name, async () => {
        const fence = await attempt(name);
        return fence && under(name, fence, task);
      }),
    async keep(name) {
      if (!(await inside.keep(name))) return false;
      const deadline = performance.now() + KEEP_TRIES_MS;
      while (!(await repeatable(() => session.keep(name)))) {
        if (performance.now() > deadline) return false;
        await pause(ASK_MOST_MS);
      }
      return true;
    },
    troubles: () => (session.isComplete() ? [] : ['STORE_UNAVAILABLE']),
    async close() {
      await inside.close();
      await session.close();
    },
  };
}

/** The innermost lock around a task that has not ended. */
function stillHeld(held: Held | undefined): Held | undefined {
  let each = held;
  while (each?.isOver === true) each = each.outer;
  return each;
}

/** Within another lock the outer one counts: when that is lost, so is the task. What was begun under one that has ended is under it no more. */
function outermost(held: Held | undefined): Fence | undefined {
  let fence: Fence | undefined;
  for (let each = held; each !== undefined; each = each.outer) {
    if (!each.isOver) fence = each.fence;
  }
  return fence;
}
