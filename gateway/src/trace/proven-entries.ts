// SPDX-License-Identifier: Apache-2.0
// Entries of a trace with their proofs: of one instance, and of all instances of a province together.
import type { Table } from '../store/table.ts';
import { valuesOf } from '../store/table-cbor.ts';
import { encodeEntry, entryHash } from './trace-entry.ts';
import type { TraceEntry } from './trace-entry.ts';
import { decodeRoot, rootTree } from './trace-root.ts';
import type { StoredRoot } from './trace-root.ts';
import { entriesFrom, numbersOf } from './trace-rows.ts';

/** That an entry is under an anchored root of `count` entries from `first` on. */
export interface EntryProof {
  readonly root: Uint8Array;
  readonly first: number;
  readonly count: number;
  readonly path: readonly Uint8Array[];
  readonly transactionId: string;
}

/** An entry with its hash, and its proof once its root is on the ledger. */
export interface ProvenEntry {
  /** Whose chain it is in. */
  readonly instance: string;
  readonly entry: TraceEntry;
  readonly hash: Uint8Array;
  readonly proof: EntryProof | null;
}

/** A trace of the province: one hash chain an instance. */
export interface TraceOfInstance {
  readonly instance: string;
  readonly db: Table;
}

/** All entries of one trace about any of these subjects, oldest first. */
export async function provenEntries(
  { instance, db }: TraceOfInstance,
  subjects: readonly string[],
): Promise<readonly ProvenEntry[]> {
  const numbers = new Set<number>();
  for (const subject of subjects) for (const n of await numbersOf(db, subject)) numbers.add(n);
  if (numbers.size === 0) return [];
  const roots = (await valuesOf(db, { prefix: 'root/' })).map(decodeRoot);
  const proofOf = prover(db, roots);
  const proven: ProvenEntry[] = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    for await (const entries of entriesFrom(db, n, 1)) {
      for (const entry of entries) {
        const hash = entryHash(encodeEntry(entry));
        proven.push({ instance, entry, hash, proof: await proofOf(n) });
      }
    }
  }
  return proven;
}

/** Lists of several instances as one by time; each instance's own order stays. */
export function mergeEntries(lists: readonly (readonly ProvenEntry[])[]): readonly ProvenEntry[] {
  const left = lists.map((list) => [...list]);
  const merged: ProvenEntry[] = [];
  for (;;) {
    const heads = left.filter(([head]) => head !== undefined);
    const next = heads.sort((a, b) => atOf(a) - atOf(b))[0]?.shift();
    if (next === undefined) return merged;
    merged.push(next);
  }
}

function atOf([head]: readonly ProvenEntry[]): number {
  return head?.entry.at ?? 0;
}

function prover(
  db: Table,
  roots: readonly StoredRoot[],
): (n: number) => Promise<EntryProof | null> {
  const trees = new Map<number, ReturnType<typeof rootTree>>();
  return async (n) => {
    const found = roots.find(({ first, count }) => n >= first && n < first + count);
    if (found === undefined || found.transactionId === null) return null;
    const { first, count, root, transactionId } = found;
    const tree = trees.get(found.n) ?? rootTree(db, first, count);
    trees.set(found.n, tree);
    return { root, first, count, path: (await tree).pathOf(n - first), transactionId };
  };
}
