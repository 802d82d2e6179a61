// SPDX-License-Identifier: Apache-2.0
// The state as records: deterministic CBOR in and out, `rev` and `at` on every write (docs/ledger.md §1).
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import type { Stamp } from '@zhenglian/core/records/fields';
import { asCbor } from '@zhenglian/core/shape';
import type { RefusalCode } from './refusal.ts';

/** The state of one chaincode as one transaction sees it. What it writes it does not read back. */
export interface State {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Values under a prefix that ends in a slash, in the order of their keys. */
  range(prefix: string): Promise<readonly Uint8Array[]>;
}

/** Reads one record of a kind out of its decoded bytes. */
export type Parser<T> = (value: CborValue) => T;

/** The record under a key, or undefined. */
export async function load<T>(state: State, key: string, parse: Parser<T>): Promise<T | undefined> {
  const bytes = await state.get(key);
  return bytes === undefined ? undefined : parse(decodeCbor(bytes));
}

/** The record under a key. @throws NOT_FOUND, or the code given, when there is none */
export async function loadExisting<T>(
  state: State,
  key: string,
  parse: Parser<T>,
  code: RefusalCode = 'NOT_FOUND',
): Promise<T> {
  const record = await load(state, key, parse);
  if (record === undefined) throw new CodedError(code, `there is no ${key}`);
  return record;
}

/** All records under a prefix, in the order of their keys. */
export async function loadAll<T>(
  state: State,
  prefix: string,
  parse: Parser<T>,
): Promise<readonly T[]> {
  return (await state.range(prefix)).map((bytes) => parse(decodeCbor(bytes)));
}

/** Content with the next revision. @throws TIME_BACKWARDS when the last write has a later time */
export function stamped<T extends object>(
  content: T,
  previous: Stamp | undefined,
  at: number,
): T & Stamp {
  if (previous !== undefined && previous.at > at) {
    throw new CodedError('TIME_BACKWARDS', 'the record was written at a later time');
  }
  return { ...content, rev: (previous?.rev ?? 0) + 1, at };
}

/** Writes a record. */
export async function save(state: State, key: string, record: Stamp): Promise<void> {
  await state.put(key, encodeCbor(asCbor(record)));
}
