// SPDX-License-Identifier: Apache-2.0
// The tree of a batch in rows, so that the path of one copy is two small reads whatever is asked about before it: the
// leaves by 64, and the hashes above each 64 of them. What lies between is hashed when it is wanted.
import { anchorTree } from '@zhenglian/core/anchor';
import type { InclusionProof } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import { merklePath } from '@zhenglian/core/merkle';

const HASH_BYTES = 32;
/** Levels below the stored hashes, and the leaves that are below one of them. */
const LEVELS = 6;
const LEAVES = 1 << LEVELS;

/** The rows of a batch. */
export interface BatchTreeRows {
  /** Leaves of 32 bytes, 64 a row. */
  readonly leaves: readonly Uint8Array[];
  /** Hashes of 32 bytes from those above 64 leaves up to the root, level by level; empty where all leaves are in one row. */
  readonly nodes: Uint8Array;
}

/** Cuts the leaves of a batch into rows; `joined`: 32 bytes each, at least one. */
export function batchTreeRows(joined: Uint8Array): BatchTreeRows {
  const bytes = LEAVES * HASH_BYTES;
  const leaves = Array.from({ length: Math.ceil(joined.length / bytes) }, (_, i) =>
    joined.slice(i * bytes, (i + 1) * bytes),
  );
  if (leaves.length < 2) return { leaves, nodes: new Uint8Array(0) };
  return { leaves, nodes: concat(...anchorTree(hashesOf(joined)).levels.slice(LEVELS)) };
}

/** Which row of leaves a position is in. */
export function leavesRowOf(position: number): number {
  return position >> LEVELS;
}

/** Gives the proofs of the positions of one row; undefined for a position that is not in the batch. */
export type ProveRow = (position: number) => InclusionProof | undefined;

/** Opens a row of leaves, with the nodes of its batch of `count`: what lies between is hashed once for all its positions. */
export function openRow(leaves: Uint8Array, nodes: Uint8Array, count: number): ProveRow {
  const below = hashesOf(leaves);
  const tree = anchorTree(below);
  const above = levelsOf(nodes, count);
  return (position) => {
    const argument = below[position % LEAVES];
    if (argument === undefined) return undefined;
    const path = tree.pathOf(position % LEAVES);
    return { argument, path: [...path, ...merklePath(above, leavesRowOf(position))] };
  };
}

function levelsOf(nodes: Uint8Array, count: number): readonly Uint8Array[] {
  const levels: Uint8Array[] = [];
  let width = Math.ceil(count / LEAVES);
  for (let at = 0; at < nodes.length; width = Math.ceil(width / 2)) {
    levels.push(nodes.subarray(at, at + HASH_BYTES * width));
    at += HASH_BYTES * width;
  }
  return levels;
}

function hashesOf(joined: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: joined.length / HASH_BYTES }, (_, i) =>
    joined.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}
