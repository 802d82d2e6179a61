// SPDX-License-Identifier: Apache-2.0
// Mutual exclusion by name within this process. LevelDB admits one process a data directory, so a licence of this
// gateway has no other writer; what must survive a kill is written down by who holds the lock.

/** Runs one task a name at a time, in order of arrival. */
export interface Locks {
  hold<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** Locks of their own. */
export function createLocks(): Locks {
  const last = new Map<string, Promise<unknown>>();
  return {
    async hold(name, task) {
      const before = last.get(name) ?? Promise.resolve();
      const mine = before.then(task, task);
      const settled = mine.catch(() => undefined);
      last.set(name, settled);
      try {
        return await mine;
      } finally {
        if (last.get(name) === settled) last.delete(name);
      }
    },
  };
}
