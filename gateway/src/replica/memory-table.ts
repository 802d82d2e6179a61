// SPDX-License-Identifier: Apache-2.0
// A table in memory: the ledger rebuilt as of an earlier moment lives in one.
import { keyExists } from '../store/table.ts';
import type { Table, TableChange } from '../store/table.ts';

/** An empty table. */
export function memoryTable(): Table {
  const entries = new Map<string, Uint8Array>();
  return {
    get: (key) => Promise.resolve(entries.get(key)),
    getMany: (keys) => Promise.resolve(keys.map((key) => entries.get(key))),
    async write(changes) {
      await Promise.resolve();
      const isTaken = ({ key, ifAbsent }: TableChange) => ifAbsent === true && entries.has(key);
      if (changes.some(isTaken)) throw keyExists();
      for (const { key, value } of changes) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
    },
    async *range({ prefix, after, limit, reverse }) {
      await Promise.resolve();
      const isAsked = (key: string) =>
        key.startsWith(prefix) && (after === undefined || key > after);
      const keys = [...entries.keys()].filter(isAsked).sort();
      if (reverse === true) keys.reverse();
      for (const key of keys.slice(0, limit)) {
        const value = entries.get(key);
        if (value !== undefined) yield { key, value };
      }
    },
  };
}
