// SPDX-License-Identifier: Apache-2.0
// What stands at one index of an epoch: the copy, and its argument for the ledger. Written with the copy, read in
// order when a batch is made of it, kept as the way from a place to its copy.
import { EPOCH_SIZE, voidArgument } from '@zhenglian/core/anchor';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { bytes, list, nullable } from '@zhenglian/core/shape';
import type { Table, TableChange } from '../store/table.ts';
import type { StoredCopy } from './copy-record.ts';

/** An index and what is anchored there. */
export interface Leaf {
  readonly index: number;
  /** Key the copy is signed with: 8 bytes. */
  readonly kid: Uint8Array;
  /** 32 bytes. */
  readonly argument: Uint8Array;
  readonly licence: string;
  readonly copy: string;
  readonly job?: string;
  /** The copy was abandoned: nothing is anchored here. */
  readonly isVoid: boolean;
}

const leaf = list(nullable(bytes(undefined, 32)), 5);
const VOID = voidArgument();

/** The change that puts a copy at its index. */
export function storeLeaf(copy: StoredCopy, argument: Uint8Array): TableChange {
  const { kid, epoch, index } = copy.place;
  const job = copy.job === undefined ? null : fromHex(copy.job);
  const content = [kid, argument, fromHex(copy.licence), fromHex(copy.id), job];
  return { key: leafKey(copy.uscc, epoch, index), value: encodeCbor(content) };
}

/** The change that makes a copy's index void. */
export function storeVoid(copy: StoredCopy): TableChange {
  return storeLeaf(copy, VOID);
}

/** Leaves of an epoch from an index on, so many at most. */
export async function loadLeaves(
  store: Table,
  { uscc, epoch }: { readonly uscc: string; readonly epoch: number },
  from: number,
  limit: number,
): Promise<readonly Leaf[]> {
  const prefix = leafKey(uscc, epoch, 0).slice(0, -5);
  const after = from === 0 ? {} : { after: leafKey(uscc, epoch, from - 1) };
  const found: Leaf[] = [];
  for await (const { key, value } of store.range({ prefix, ...after, limit })) {
    found.push(decode(Number(key.slice(prefix.length)), value));
  }
  return found;
}

/** What stands at an index, if anything does. */
export async function loadLeaf(
  store: Table,
  uscc: string,
  epoch: number,
  index: number,
): Promise<Leaf | undefined> {
  if (index < 0 || index >= EPOCH_SIZE) return undefined;
  const stored = await store.get(leafKey(uscc, epoch, index));
  return stored === undefined ? undefined : decode(index, stored);
}

function decode(index: number, value: Uint8Array): Leaf {
  const [kid, argument, licence, copy, job] = leaf(decodeCbor(value), 'leaf');
  const given = argument ?? VOID;
  return {
    index,
    kid: kid ?? new Uint8Array(),
    argument: given,
    licence: toHex(licence ?? new Uint8Array()),
    copy: toHex(copy ?? new Uint8Array()),
    ...(job === null || job === undefined ? {} : { job: toHex(job) }),
    isVoid: given.every((byte, i) => byte === VOID[i]),
  };
}

function leafKey(uscc: string, epoch: number, index: number): string {
  return `leaf/${uscc}/${String(epoch).padStart(10, '0')}/${String(index).padStart(5, '0')}`;
}
