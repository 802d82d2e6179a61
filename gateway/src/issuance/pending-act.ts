// SPDX-License-Identifier: Apache-2.0
// A status act written down before it is submitted: while it is there the licence is locked, across kills, and
// whoever wants the licence next completes the act first.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { statusClass, statusState } from '@zhenglian/core/records/status';
import { asCbor, bytes, optional, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';
import { id } from './licence-record.ts';

const pendingAct = record({
  licence: id,
  state: statusState,
  class: statusClass,
  reason: text(2000),
  basis: text(2000),
  salt: bytes(16),
  copy: optional(id),
  /** The version that takes the licence's place. */
  successor: optional(id),
  actor: text(64),
});

export type PendingAct = Shaped<typeof pendingAct>;

/** The change that notes an act, or crosses it out. */
export function storePendingAct(act: PendingAct): TableChange {
  return { key: actKey(act.licence), value: encodeCbor(asCbor(act)) };
}

export function deletePendingAct(licence: string): TableChange {
  return { key: actKey(licence) };
}

/** What is kept of an act for good: why, and where it was committed. */
export function storeHistory(
  act: PendingAct,
  at: number,
  committed: { readonly transactionId: string; readonly blockNumber: number } | null,
): TableChange {
  const key = `history/${act.licence}/${String(at).padStart(12, '0')}-${String(act.salt[0] ?? 0)}`;
  return { key, value: encodeCbor(asCbor({ ...act, at, committed })) };
}

/** The act that is half done, if any. */
export async function loadPendingAct(
  store: Table,
  licence: string,
): Promise<PendingAct | undefined> {
  const stored = await store.get(actKey(licence));
  return stored === undefined ? undefined : pendingAct(decodeCbor(stored), 'act');
}

/** Licences with a half done act. */
export async function listPendingActs(store: Table): Promise<readonly string[]> {
  const licences: string[] = [];
  for await (const { key } of store.range({ prefix: PREFIX })) {
    licences.push(key.slice(PREFIX.length));
  }
  return licences;
}

const PREFIX = 'act/';

function actKey(licence: string): string {
  return PREFIX + licence;
}
