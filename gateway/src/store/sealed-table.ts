// SPDX-License-Identifier: Apache-2.0
// A table whose every value is sealed for its key: what holds personal data.
import type { Table } from './table.ts';
import type { Vault } from './vault.ts';

/** Seals on the way in, opens on the way out; keys stay readable and must tell nothing. */
export function sealTable(table: Table, vault: Vault): Table {
  return {
    async get(key) {
      const sealed = await table.get(key);
      return sealed === undefined ? undefined : vault.unseal(sealed, key);
    },
    write: (changes) =>
      table.write(
        changes.map(({ key, value }) =>
          value === undefined ? { key } : { key, value: vault.seal(value, key) },
        ),
      ),
    async *range(range) {
      for await (const { key, value } of table.range(range)) {
        yield { key, value: vault.unseal(value, key) };
      }
    },
  };
}
