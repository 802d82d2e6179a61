// SPDX-License-Identifier: Apache-2.0
// A table whose every value is sealed for its key: what holds personal data. Rows of a field group are sealed under a data
// key of their owner, made in the same batch that first writes one of them; everything else under the master key.
import { isCodedError } from '@zhenglian/core/errors';
import { createDataKeys } from './data-keys.ts';
import type { DataKeys, OwnerKeys } from './data-keys.ts';
import { dataKeyName, ownerOfDataKey, sealingOf } from './field-groups.ts';
import type { FieldGroup } from './field-groups.ts';
import { ALGORITHM, isEmpty, openSm4, sealSm4, sealedWrong } from './sealing.ts';
import type { Table, TableChange, TableEntry } from './table.ts';
import type { Vault } from './vault.ts';

const UNDER_DATA_KEY = Uint8Array.of(ALGORITHM.dataKey);
const PAGE = 500;

/** Seals on the way in, opens on the way out; keys stay readable and must tell nothing. */
export function sealTable(table: Table, vault: Vault): Table {
  const dataKeys = createDataKeys(vault);
  return {
    async get(key) {
      const sealing = sealingOf(key);
      if (sealing === undefined) {
        const sealed = await table.get(key);
        return sealed && vault.unseal(sealed, key);
      }
      const [sealed, wrapped] = await table.getMany([key, dataKeyName(sealing.owner)]);
      return sealed && openRow(vault, dataKeys, { key, value: sealed }, wrapped);
    },
    async getMany(keys) {
      const found = await table.getMany(keys);
      const rows = keys.map((key, i) => ({ key, value: found[i] }));
      const wrapped = await wrappedOf(table, keys);
      return rows.map(({ key, value }) =>
        value === undefined
          ? undefined
          : openRow(vault, dataKeys, { key, value }, wrapped.get(sealingOf(key)?.owner ?? '')),
      );
    },
    write: (changes) => writeSealed(table, vault, dataKeys, changes),
    async *range(range) {
      for await (const page of inPages(table.range(range))) {
        const wrapped = await wrappedOf(
          table,
          page.map(({ key }) => key),
        );
        for (const { key, value } of page) {
          const keys = wrapped.get(sealingOf(key)?.owner ?? '');
          yield { key, value: openRow(vault, dataKeys, { key, value }, keys) };
        }
      }
    },
  };
}

/** `wrapped`: the keys of the row's owner as they are stored now, so that a cached key never outlives its destruction. */
function openRow(
  vault: Vault,
  dataKeys: DataKeys,
  { key, value }: TableEntry,
  wrapped: Uint8Array | undefined,
): Uint8Array {
  const sealing = sealingOf(key);
  if (sealing === undefined || isEmpty(value)) return vault.unseal(value, key);
  // Before the row is looked at: a row that an earlier version sealed otherwise is erased too.
  const keys = wrapped && dataKeys.open(sealing.owner, wrapped);
  if (value[0] !== ALGORITHM.dataKey) return vault.unseal(value, key);
  if (keys === undefined) throw sealedWrong();
  return openSm4(1, keys.keyOf(sealing.group), value, key);
}

async function writeSealed(
  table: Table,
  vault: Vault,
  dataKeys: DataKeys,
  changes: readonly TableChange[],
): Promise<void> {
  const owners = ownersOf(changes);
  for (;;) {
    const held = await keysFor(table, dataKeys, owners);
    try {
      await writeUnder(table, vault, { dataKeys, ...held }, changes);
      return;
    } catch (error) {
      const wrapped = [...held.fresh.keys()].map(dataKeyName);
      if (!isCodedError(error, 'CONFLICT') || !(await hasAny(table, wrapped))) throw error;
      // another write made keys for one of these owners first: those are used
    } finally {
      for (const keys of [...held.stored.values(), ...held.fresh.values()]) keys.release();
    }
  }
}

async function writeUnder(
  table: Table,
  vault: Vault,
  { dataKeys, stored, fresh }: HeldKeys & { readonly dataKeys: DataKeys },
  changes: readonly TableChange[],
): Promise<void> {
  const seal = ({ key, value, ...rest }: TableChange): TableChange => {
    if (value === undefined) return { key, ...rest };
    const sealing = sealingOf(key);
    if (sealing === undefined || isEmpty(value)) {
      return { key, value: vault.seal(value, key), ...rest };
    }
    const keys = stored.get(sealing.owner) ?? fresh.get(sealing.owner);
    if (keys === undefined) throw new TypeError('unreachable: every owner has keys');
    return { key, value: sealSm4(UNDER_DATA_KEY, keys.keyOf(sealing.group), value, key), ...rest };
  };
  const wrapped = [...fresh].map(([owner, keys]) => {
    return { key: dataKeyName(owner), value: keys.wrapped, ifAbsent: true as const };
  });
  for (const { key } of changes) dataKeys.forget(ownerOfDataKey(key) ?? '');
  await table.write([...changes.map(seal), ...wrapped]);
  for (const [owner, keys] of fresh) dataKeys.keep(owner, keys);
}

/** Owners of rows that are put, with a group of each. */
function ownersOf(changes: readonly TableChange[]): ReadonlyMap<string, FieldGroup> {
  const owners = new Map<string, FieldGroup>();
  for (const { key, value } of changes) {
    const sealing = value === undefined || isEmpty(value) ? undefined : sealingOf(key);
    if (sealing !== undefined) owners.set(sealing.owner, sealing.group);
  }
  return owners;
}

/** Keys that are held until they are released. */
interface HeldKeys {
  readonly stored: ReadonlyMap<string, OwnerKeys>;
  readonly fresh: ReadonlyMap<string, OwnerKeys>;
}

/** The keys of these owners, held: as stored, or fresh ones where there are none. @throws ERASED */
async function keysFor(
  table: Table,
  dataKeys: DataKeys,
  owners: ReadonlyMap<string, FieldGroup>,
): Promise<HeldKeys> {
  const stored = new Map<string, OwnerKeys>();
  const fresh = new Map<string, OwnerKeys>();
  const asked: (readonly [string, FieldGroup])[] = [];
  const take = (owner: string, keys: OwnerKeys) => {
    keys.hold();
    stored.set(owner, keys);
  };
  for (const [owner, group] of owners) {
    const known = dataKeys.recent(owner);
    if (known === undefined) asked.push([owner, group]);
    else take(owner, known);
  }
  try {
    const wrapped = await table.getMany(asked.map(([owner]) => dataKeyName(owner)));
    for (const [i, [owner, group]] of asked.entries()) {
      const found = wrapped[i];
      if (found === undefined) fresh.set(owner, dataKeys.create(owner, group));
      else take(owner, dataKeys.open(owner, found));
    }
    return { stored, fresh };
  } catch (error) {
    for (const keys of [...stored.values(), ...fresh.values()]) keys.release();
    throw error;
  }
}

async function hasAny(table: Table, keys: readonly string[]): Promise<boolean> {
  const found = await table.getMany(keys);
  return found.some((value) => value !== undefined);
}

/** The wrapped keys of the owners of these rows. */
async function wrappedOf(
  table: Table,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const owners = [...new Set(keys.map((key) => sealingOf(key)?.owner))];
  const named = owners.filter((owner) => owner !== undefined);
  const found = await table.getMany(named.map(dataKeyName));
  const wrapped = new Map<string, Uint8Array>();
  for (const [i, value] of found.entries()) {
    if (value !== undefined) wrapped.set(named[i] ?? '', value);
  }
  return wrapped;
}

async function* inPages(entries: AsyncIterable<TableEntry>): AsyncIterable<readonly TableEntry[]> {
  let page: TableEntry[] = [];
  for await (const entry of entries) {
    page.push(entry);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
