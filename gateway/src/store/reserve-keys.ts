// SPDX-License-Identifier: Apache-2.0
// Conditional writes on a store of one process: who wants a key to be new waits for whoever wants the same.

/** Runs a task while no other task has any of these keys. */
export type ReserveKeys = <T>(keys: readonly string[], task: () => Promise<T>) => Promise<T>;

/** Reservations of their own. */
export function createReservations(): ReserveKeys {
  const held = new Map<string, Promise<unknown>>();
  return async (keys, task) => {
    const mine = Promise.all(keys.map((key) => held.get(key) ?? Promise.resolve())).then(task);
    const settled = mine.catch(() => undefined);
    for (const key of keys) held.set(key, settled);
    try {
      return await mine;
    } finally {
      for (const key of keys) if (held.get(key) === settled) held.delete(key);
    }
  };
}
