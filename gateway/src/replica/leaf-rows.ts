// SPDX-License-Identifier: Apache-2.0
// The rows that hold a batch's tree (batch-tree.ts), written with its block, or out of the one row that earlier versions
// had for all leaves of a batch.
import type { Table, TableEntry } from '../store/table.ts';
import { batchTreeRows } from './batch-tree.ts';
import { readRow, replicaKey } from './replica-records.ts';
import type { BatchRow } from './replica-records.ts';

/** The rows of a batch; `joined`: its leaves, 32 bytes each. */
export function leafRows(
  { uscc, epoch, n }: Pick<BatchRow, 'uscc' | 'epoch' | 'n'>,
  joined: Uint8Array,
): readonly TableEntry[] {
  const { leaves, nodes } = batchTreeRows(joined);
  return [
    ...leaves.map((value, i) => ({ key: replicaKey.leaves(uscc, epoch, n, i), value })),
    ...(nodes.length > 0 ? [{ key: replicaKey.nodes(uscc, epoch, n), value: nodes }] : []),
  ];
}

/**
 * Lays out the leaves of a replica that an earlier version wrote, a batch a write; the mark that it is done goes with
 * the last, so that a kill leaves whole batches and the rest to do. No ledger is asked: reading all blocks again takes long.
 */
export async function layOutLeaves(db: Table): Promise<void> {
  const former = replicaKey.formerMeta();
  const meta = await db.get(former);
  if (meta === undefined) return;
  const prefix = replicaKey.formerLeaves();
  for (let after = prefix; ;) {
    let found: TableEntry | undefined;
    for await (const entry of db.range({ prefix, after, limit: 1 })) found = entry;
    if (found === undefined) break;
    after = found.key;
    const batch = await db.get(found.key.slice(prefix.length));
    const rows = batch === undefined ? [] : leafRows(readRow.batch(batch), found.value);
    await db.write([...rows, { key: found.key }]);
  }
  await db.write([{ key: replicaKey.meta(), value: meta }, { key: former }]);
}
