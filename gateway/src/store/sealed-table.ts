// SPDX-License-Identifier: Apache-2.0
// A table whose every value is sealed for its key: what holds personal data.
import type { Table } from './table.ts';
import type { Vault } from './vault.ts';

/** Seals on the way in, opens on the way out; keys stay readable and must tell nothing. */
export function sealTable(table: Table, vault: Vault): Table {
  const open = (sealed: Uint8Array | undefined, key: string) =>
    sealed === undefined ? undefined : vault.unseal(sealed, key);
  return {
    get: async (key) => open(await table.get(key), key),
    getMany: async (keys) =>
      (await table.getMany(keys)).map((sealed, i) => open(sealed, keys[i] ?? '')),
    write: (changes) =>
      table.write(
        changes.map((change) =>
          change.value === undefined
            ? change
            : { ...change, value: vault.seal(change.value, change.key) },
        ),
      ),
    async *range(range) {
      for await (const { key, value } of table.range(range)) {
        yield { key, value: vault.unseal(value, key) };
      }
    },
  };
}
