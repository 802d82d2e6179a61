// SPDX-License-Identifier: Apache-2.0
// Lets writes of one process pass side by side, and now and then one task alone while all of them wait.

/** The gate of a database. */
export interface WriteGate {
  pass<T>(write: () => Promise<T>): Promise<T>;
  /** Runs while no write does. */
  alone<T>(task: () => Promise<T>): Promise<T>;
}

/** An open gate. */
export function createWriteGate(): WriteGate {
  const writing = new Set<Promise<unknown>>();
  let closed: Promise<unknown> | undefined;
  return {
    async pass(write) {
      while (closed !== undefined) await closed;
      const mine = write();
      const settled = mine.catch(() => undefined);
      writing.add(settled);
      void settled.then(() => writing.delete(settled));
      return mine;
    },
    async alone(task) {
      while (closed !== undefined) await closed;
      const mine = Promise.all(writing).then(task);
      closed = mine.catch(() => undefined).then(() => (closed = undefined));
      return mine;
    },
  };
}
