// SPDX-License-Identifier: Apache-2.0
// Tables whose values are deterministic CBOR.
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Table, TableChange, TableRange } from './table.ts';

/** A change that puts a value. */
export function putCbor(key: string, value: CborInput): TableChange {
  return { key, value: encodeCbor(value) };
}

/** All values of a range, in its order. */
export async function valuesOf(table: Table, range: TableRange): Promise<Uint8Array[]> {
  const values: Uint8Array[] = [];
  for await (const { value } of table.range(range)) values.push(value);
  return values;
}
