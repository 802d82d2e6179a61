// SPDX-License-Identifier: Apache-2.0
// Copies waiting for a place on the ledger, in the order they were accepted; one queue an authority.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { list, text } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';
import type { CopyRecord } from './copy-record.ts';

/** A queued copy, and the key to take it out with. */
export interface Queued {
  readonly key: string;
  readonly type: string;
  readonly licence: string;
  readonly copy: string;
}

/** The order of acceptance. */
export interface Queue {
  /** The change that queues a copy. */
  add(copy: CopyRecord): TableChange;
  /** The oldest copies of one authority that share the oldest one's type. */
  head(uscc: string, limit: number): Promise<readonly Queued[]>;
  find(uscc: string, copies: ReadonlySet<string>): Promise<readonly Queued[]>;
}

const entry = list(text(64), 3);

/** Opens the queue of these authorities where it stood. */
export async function openQueue(store: Table, authorities: readonly string[]): Promise<Queue> {
  let next = 0;
  for (const uscc of authorities) {
    for await (const { key } of store.range({ prefix: prefix(uscc), reverse: true, limit: 1 })) {
      next = Math.max(next, Number(key.slice(prefix(uscc).length)) + 1);
    }
  }
  return {
    add(copy) {
      const key = prefix(copy.uscc) + String(next++).padStart(16, '0');
      return { key, value: encodeCbor([copy.type, copy.licence, copy.id]) };
    },
    async head(uscc, limit) {
      const found: Queued[] = [];
      for await (const { key, value } of store.range({ prefix: prefix(uscc) })) {
        const queued = decode(key, value);
        if (found.length > 0 && queued.type !== found[0]?.type) continue;
        found.push(queued);
        if (found.length === limit) break;
      }
      return found;
    },
    async find(uscc, copies) {
      const found: Queued[] = [];
      for await (const { key, value } of store.range({ prefix: prefix(uscc) })) {
        const queued = decode(key, value);
        if (copies.has(queued.copy)) found.push(queued);
        if (found.length === copies.size) break;
      }
      return found;
    },
  };
}

function prefix(uscc: string): string {
  return `queue/${uscc}/`;
}

function decode(key: string, value: Uint8Array): Queued {
  const [type = '', licence = '', copy = ''] = entry(decodeCbor(value), 'queued');
  return { key, type, licence, copy };
}
