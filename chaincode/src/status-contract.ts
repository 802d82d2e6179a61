// SPDX-License-Identifier: Apache-2.0
// SetStatuses: all changes of a transaction or none; each touches keys of its own index only (docs/ledger.md §4).
import { toHex } from '@zhenglian/core/bytes';
import { parseBatch } from '@zhenglian/core/records/batch';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import type { StatusChange } from '@zhenglian/core/records/province-request';
import { recordKey } from '@zhenglian/core/records/record-key';
import { parseStatus } from '@zhenglian/core/records/status';
import { readRequest } from './call.ts';
import type { Call } from './call.ts';
import { readSigningScope, requireOwner } from './province-scope.ts';
import { demand } from './refusal.ts';
import { decideStatus } from './rules/status.ts';
import { load, save, stamped } from './state.ts';

/** Changes statuses. Returns nothing. */
export async function setStatuses(call: Call): Promise<string> {
  requireOwner(call);
  const { changes } = readRequest(call, provinceRequest.SetStatuses);
  demand(changes.length > 0, 'REQUEST_INVALID', 'there is no change');
  const scopeOf = remember((change: StatusChange) =>
    readSigningScope(call, change.uscc, change.kid),
  );
  const batchOf = remember(({ uscc, epoch, n }: StatusChange) =>
    load(call.state, recordKey.batch(uscc, epoch, n), parseBatch),
  );
  const written = new Set<string>();
  for (const change of changes) {
    const { uscc, epoch, n, index, kid } = change;
    const key = recordKey.status(uscc, epoch, index);
    // A transaction does not read what it writes: a second change would follow the wrong one.
    demand(!written.has(key), 'STATUS_ORDER', 'an index stands twice in the transaction');
    written.add(key);
    const previous = await load(call.state, key, parseStatus);
    const scope = await scopeOf(`${uscc}/${toHex(kid)}`, change);
    const batch = await batchOf(recordKey.batch(uscc, epoch, n), change);
    const status = decideStatus(change, { scope, batch, previous, at: call.at });
    await save(call.state, key, stamped(status, previous, call.at));
  }
  return '';
}

/** Reads once what many changes share. */
function remember<A, T>(read: (argument: A) => Promise<T>) {
  const known = new Map<string, Promise<T>>();
  return (key: string, argument: A): Promise<T> => {
    const found = known.get(key) ?? read(argument);
    known.set(key, found);
    return found;
  };
}
