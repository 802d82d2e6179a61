// SPDX-License-Identifier: Apache-2.0
// Mutual exclusion by name. A store of one process needs it within the process only (LevelDB admits one process a data
// directory); instances that share a PostgreSQL have it between them (store/postgres-locks.ts). test/suites/locks.ts is
// the behaviour of both. What must survive a kill is written down by who holds the lock.

/** Runs one task a name at a time. */
export interface Locks {
  /** Waits for the name, in order of arrival within a process. @throws STORE_UNAVAILABLE */
  hold<T>(name: string, task: () => Promise<T>): Promise<T>;
  /**
   * Runs the task under the name when nobody has it now, in any process; else gives undefined. An instance keeps
   * `instance/<its name>` while it lives: who gets that name has proved it dead, for as long as the task runs.
   */
  ifFree<T>(name: string, task: () => Promise<T>): Promise<T | undefined>;
  /** Holds a name until `close`; false when another keeps it. */
  keep(name: string): Promise<boolean>;
  /** Codes of what is wrong; empty when all is well. */
  troubles(): readonly string[];
  close(): Promise<void>;
}

/** Locks within this process. */
export function createLocks(): Locks {
  const last = new Map<string, Promise<unknown>>();
  const hold = async <T>(name: string, task: () => Promise<T>): Promise<T> => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(task, task);
    const settled = mine.catch(() => undefined);
    last.set(name, settled);
    try {
      return await mine;
    } finally {
      if (last.get(name) === settled) last.delete(name);
    }
  };
  let release: () => void = () => undefined;
  const untilClosed = new Promise<void>((resolve) => (release = resolve));
  return {
    hold,
    ifFree: (name, task) => (last.has(name) ? Promise.resolve(undefined) : hold(name, task)),
    keep(name) {
      if (last.has(name)) return Promise.resolve(false);
      void hold(name, () => untilClosed);
      return Promise.resolve(true);
    },
    troubles: () => [],
    close() {
      release();
      return Promise.resolve();
    },
  };
}
