// SPDX-License-Identifier: Apache-2.0
// What stands at the indexes of an epoch: copies, and their arguments for the ledger. Copies that were placed together
// are one row, a run of indexes of one key and one import, kept under its last index: what stands at an index is in the
// first row from that index on.
import { EPOCH_SIZE, voidArgument } from '@zhenglian/core/anchor';
import { concat, equals, fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { bytes, list, nullable } from '@zhenglian/core/shape';
import type { Table, TableChange, TableEntry } from '../store/table.ts';
import type { StoredCopy } from './copy-record.ts';
import type { LaneName } from './lane.ts';

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
}

/** Leaves of consecutive indexes, of one key and one import. */
export interface LeafRun {
  readonly first: number;
  readonly kid: Uint8Array;
  readonly job?: string;
  /** Of each index: argument (32 bytes), licence (16), copy (16). */
  readonly packed: Uint8Array;
}

const ARGUMENT_BYTES = 32;
const ID_BYTES = 16;
const LEAF_BYTES = ARGUMENT_BYTES + 2 * ID_BYTES;
const VOID = voidArgument();
const stored = list(nullable(bytes(undefined, LEAF_BYTES * EPOCH_SIZE)), 3);

/** The leaf of a copy where it stands. */
export function leafOf({ licence, id, job, place }: StoredCopy, argument: Uint8Array): Leaf {
  const { kid, index } = place;
  return { index, kid, argument, licence, copy: id, ...(job === undefined ? {} : { job }) };
}

/** The leaf that makes a copy's index void. */
export function voidLeafOf(copy: StoredCopy): Leaf {
  return leafOf(copy, VOID);
}

/** Whether the copy was abandoned: nothing is anchored there. */
export function isVoid({ argument }: Pick<Leaf, 'argument'>): boolean {
  return argument[0] === VOID[0] && equals(argument, VOID);
}

/** Leaves in order of index as runs. */
export function packRuns(leaves: readonly Leaf[]): readonly LeafRun[] {
  const runs: Leaf[][] = [];
  for (const leaf of leaves) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last !== undefined && isNext(last, leaf)) run?.push(leaf);
    else runs.push([leaf]);
  }
  return runs.flatMap((run) => packRun(run));
}

/** The leaves of a run. */
export function unpackRun(run: LeafRun): readonly Leaf[] {
  const { first, kid, job } = run;
  return argumentsOf(run).map((argument, i) => {
    const at = i * LEAF_BYTES + ARGUMENT_BYTES;
    return {
      index: first + i,
      kid,
      argument,
      licence: toHex(run.packed.subarray(at, at + ID_BYTES)),
      copy: toHex(run.packed.subarray(at + ID_BYTES, at + 2 * ID_BYTES)),
      ...(job === undefined ? {} : { job }),
    };
  });
}

/** How many leaves a run has. */
export function sizeOf({ packed }: LeafRun): number {
  return packed.length / LEAF_BYTES;
}

/** The arguments of a run, in order of index. */
export function argumentsOf(run: LeafRun): readonly Uint8Array[] {
  return Array.from({ length: sizeOf(run) }, (_, i) =>
    run.packed.subarray(i * LEAF_BYTES, i * LEAF_BYTES + ARGUMENT_BYTES),
  );
}

/** The part of a run from an index on, before another. */
export function slicedRun(run: LeafRun, from: number, until: number): LeafRun | undefined {
  const begin = Math.max(from, run.first);
  const end = Math.min(until, run.first + sizeOf(run));
  if (begin >= end) return undefined;
  const packed = run.packed.subarray(
    (begin - run.first) * LEAF_BYTES,
    (end - run.first) * LEAF_BYTES,
  );
  return { ...run, first: begin, packed };
}

/** The change that stores a run. */
export function storeRun(lane: LaneName, run: LeafRun): TableChange {
  const { kid, job, packed } = run;
  const key = leafKey(lane, run.first + sizeOf(run) - 1);
  return { key, value: encodeCbor([kid, job === undefined ? null : fromHex(job), packed]) };
}

/** Runs as they are stored, from the one that an index is in. */
export async function* storedRuns(
  store: Table,
  lane: LaneName,
  from: number,
): AsyncIterable<LeafRun> {
  const prefix = lanePrefix(lane);
  const after = from === 0 ? {} : { after: leafKey(lane, from - 1) };
  for await (const entry of store.range({ prefix, ...after })) yield decodeRun(prefix, entry);
}

/** What stands at an index, if anything does. */
export async function loadLeaf(
  store: Table,
  lane: LaneName,
  index: number,
): Promise<Leaf | undefined> {
  if (index < 0 || index >= EPOCH_SIZE) return undefined;
  for await (const run of storedRuns(store, lane, index)) {
    const part = slicedRun(run, index, index + 1);
    return part && unpackRun(part)[0];
  }
  return undefined;
}

function isNext(before: Leaf, leaf: Leaf): boolean {
  return leaf.index === before.index + 1 && leaf.job === before.job && equals(leaf.kid, before.kid);
}

function packRun(leaves: readonly Leaf[]): LeafRun[] {
  const [head] = leaves;
  if (head === undefined) return [];
  const { index: first, kid, job } = head;
  const packed = concat(
    ...leaves.flatMap(({ argument, licence, copy }) => [argument, fromHex(licence), fromHex(copy)]),
  );
  return [{ first, kid, packed, ...(job === undefined ? {} : { job }) }];
}

function decodeRun(prefix: string, { key, value }: TableEntry): LeafRun {
  const [kid, job, packed] = stored(decodeCbor(value), 'leaves');
  const run = { first: 0, kid: kid ?? new Uint8Array(), packed: packed ?? new Uint8Array() };
  const first = Number(key.slice(prefix.length)) - sizeOf(run) + 1;
  return { ...run, first, ...(job === null || job === undefined ? {} : { job: toHex(job) }) };
}

function lanePrefix({ uscc, epoch }: LaneName): string {
  return `leaf/${uscc}/${String(epoch).padStart(10, '0')}/`;
}

function leafKey(lane: LaneName, index: number): string {
  return lanePrefix(lane) + String(index).padStart(5, '0');
}
