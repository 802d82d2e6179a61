// SPDX-License-Identifier: Apache-2.0
// Tables whose values are deterministic CBOR.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import { anything, asCbor, list } from '@zhenglian/core/shape';
import type { Table, TableChange, TableRange } from './table.ts';

/** A change that puts a value. */
export function putCbor(key: string, value: CborInput): TableChange {
  return { key, value: encodeCbor(value) };
}

/** A change that puts a record as a list of its members in this order: null where there is none. */
export function putMembers(
  key: string,
  names: readonly string[],
  content: Readonly<Record<string, unknown>>,
): TableChange {
  return { key, value: encodeCbor(asCbor(names.map((name) => content[name] ?? null))) };
}

/** What `putMembers` put, as a map without the members that are null. @throws SHAPE_INVALID, CBOR_* */
export function membersOf(names: readonly string[], encoded: Uint8Array): Map<string, CborValue> {
  const values = list(anything, names.length)(decodeCbor(encoded), 'members');
  const named = names.map((name, i) => [name, values[i] ?? null] as const);
  return new Map(named.filter(([, value]) => value !== null));
}

/** All values of a range, in its order. */
export async function valuesOf(table: Table, range: TableRange): Promise<Uint8Array[]> {
  const values: Uint8Array[] = [];
  for await (const { value } of table.range(range)) values.push(value);
  return values;
}
