// SPDX-License-Identifier: Apache-2.0
// The state as it stands inside a block: the database, under the writes of the block's earlier valid transactions.
import { compareKeys } from './key-value.ts';
import type { KeyedEntry, StateStore, StateWrite, Version } from './state-store.ts';

/** Writes of one block, gathered while it is judged. */
export class PendingWrites {
  readonly #state: StateStore;
  readonly #writes = new Map<string, Map<string, StateWrite>>();

  constructor(state: StateStore) {
    this.#state = state;
  }

  add(write: StateWrite): void {
    const known = this.#writes.get(write.namespace);
    if (known) known.set(write.key, write);
    else this.#writes.set(write.namespace, new Map([[write.key, write]]));
  }

  version(namespace: string, key: string): Version | null {
    const pending = this.#writes.get(namespace)?.get(key);
    if (pending) return pending.value === null ? null : pending.version;
    return this.#state.get(namespace, key)?.version ?? null;
  }

  async range(namespace: string, start: string, end: string): Promise<KeyedEntry[]> {
    const entries: KeyedEntry[] = [];
    for await (const entry of this.#state.range(namespace, start, end)) entries.push(entry);
    const pending = [...(this.#writes.get(namespace)?.values() ?? [])].filter(
      ({ key }) => compareKeys(key, start) >= 0 && (end === '' || compareKeys(key, end) < 0),
    );
    if (pending.length === 0) return entries;
    const merged = new Map(entries.map((entry) => [entry.key, entry]));
    for (const { key, value, version } of pending) {
      if (value === null) merged.delete(key);
      else merged.set(key, { key, value, version });
    }
    return [...merged.values()].sort((a, b) => compareKeys(a.key, b.key));
  }

  /** All writes, by namespace and key: the order a commit hash is computed in. */
  sorted(): StateWrite[] {
    return [...this.#writes.values()]
      .flatMap((writes) => [...writes.values()])
      .sort((a, b) => compareKeys(a.namespace, b.namespace) || compareKeys(a.key, b.key));
  }
}
