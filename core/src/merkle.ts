// SPDX-License-Identifier: Apache-2.0
// Merkle trees in the shape of RFC 6962 §2.1 over SM3, with the prefixes of who uses them (anchor, trace).
import { sm3 } from '@zhenglian/guomi';
import { concat, equals } from './bytes.ts';

/** One-byte prefixes that keep leaves and nodes, and one tree's hashes from another's, apart. */
export interface MerklePrefixes {
  readonly leaf: number;
  readonly node: number;
}

/** Root over leaf contents; at least one. */
export function merkleRoot(contents: readonly Uint8Array[], prefixes: MerklePrefixes): Uint8Array {
  return rootOf(hashLeaves(contents, prefixes), prefixes);
}

/** Audit path of one leaf, from the bottom up. */
export function merklePath(
  contents: readonly Uint8Array[],
  position: number,
  prefixes: MerklePrefixes,
): readonly Uint8Array[] {
  const path: Uint8Array[] = [];
  let level = hashLeaves(contents, prefixes);
  let at = position;
  while (level.length > 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    level = levelUp(level, prefixes);
    at >>= 1;
  }
  return path;
}

/** A tree kept whole, for many paths out of it. */
export interface MerkleTree {
  readonly root: Uint8Array;
  readonly pathOf: (position: number) => readonly Uint8Array[];
}

/** The tree over leaf contents; at least one. Its paths are those of `merklePath`, without hashing again. */
export function merkleTree(contents: readonly Uint8Array[], prefixes: MerklePrefixes): MerkleTree {
  const levels = [hashLeaves(contents, prefixes)];
  for (let top = levels[0]; top !== undefined && top.length > 1; top = levels.at(-1)) {
    levels.push(levelUp(top, prefixes));
  }
  const root = levels.at(-1)?.[0];
  if (root === undefined) throw new TypeError('a Merkle tree needs at least one leaf');
  const pathOf = (position: number) =>
    levels.slice(0, -1).flatMap((level, i) => level[(position >> i) ^ 1] ?? []);
  return { root, pathOf };
}

/** Tells whether a path of exactly the length that `count` demands leads from the leaf to the root. */
export function verifyMerklePath(proof: {
  readonly content: Uint8Array;
  readonly position: number;
  readonly count: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly prefixes: MerklePrefixes;
}): boolean {
  if (proof.position < 0 || proof.position >= proof.count) return false;
  let hash = hashLeaf(proof.content, proof.prefixes);
  let used = 0;
  let at = proof.position;
  for (let last = proof.count - 1; last > 0; last >>= 1, at >>= 1) {
    if (at === last && at % 2 === 0) continue; // no sibling: carried up unchanged
    const sibling = proof.path[used++];
    if (sibling?.length !== 32) return false;
    hash =
      at % 2 === 1
        ? hashNode(sibling, hash, proof.prefixes)
        : hashNode(hash, sibling, proof.prefixes);
  }
  return used === proof.path.length && equals(hash, proof.root);
}

function rootOf(leaves: readonly Uint8Array[], prefixes: MerklePrefixes): Uint8Array {
  let level = leaves;
  while (level.length > 1) level = levelUp(level, prefixes);
  const root = level[0];
  if (root === undefined) throw new TypeError('a Merkle tree needs at least one leaf');
  return root;
}

function hashLeaves(contents: readonly Uint8Array[], prefixes: MerklePrefixes): Uint8Array[] {
  return contents.map((content) => hashLeaf(content, prefixes));
}

/** RFC 6962 splits at the largest power of two; carrying a lone last node upwards gives the same tree. */
function levelUp(level: readonly Uint8Array[], prefixes: MerklePrefixes): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i];
    const right = level[i + 1];
    if (left !== undefined) above.push(right ? hashNode(left, right, prefixes) : left);
  }
  return above;
}

function hashLeaf(content: Uint8Array, prefixes: MerklePrefixes): Uint8Array {
  return sm3.hash(concat(Uint8Array.of(prefixes.leaf), content));
}

function hashNode(left: Uint8Array, right: Uint8Array, prefixes: MerklePrefixes): Uint8Array {
  const message = new Uint8Array(1 + left.length + right.length);
  message[0] = prefixes.node;
  message.set(left, 1);
  message.set(right, 1 + left.length);
  return sm3.hash(message);
}
