// SPDX-License-Identifier: Apache-2.0
// Merkle trees in the shape of RFC 6962 §2.1 over SM3, with the prefixes of who uses them (anchor, trace).
import { sm3 } from '@zhenglian/guomi';
import { concat, equals } from './bytes.ts';

/** One-byte prefixes that keep leaves and nodes, and one tree's hashes from another's, apart. */
export interface MerklePrefixes {
  readonly leaf: number;
  readonly node: number;
}

/** A tree kept whole, for many paths out of it. */
export interface MerkleTree {
  readonly root: Uint8Array;
  /** Hashes of 32 bytes each, joined: those of the leaves first, the root last. */
  readonly levels: readonly Uint8Array[];
  /** Audit path of one leaf, from the bottom up. */
  readonly pathOf: (position: number) => readonly Uint8Array[];
}

const HASH_BYTES = 32;

/** Root over leaf contents; at least one. */
export function merkleRoot(contents: readonly Uint8Array[], prefixes: MerklePrefixes): Uint8Array {
  return sm3.merkleRoot(hashLeaves(contents, prefixes), { nodePrefix: prefixes.node });
}

/** The tree over leaf contents; at least one. */
export function merkleTree(contents: readonly Uint8Array[], prefixes: MerklePrefixes): MerkleTree {
  let root = hashLeaves(contents, prefixes);
  const levels = [root];
  while (root.length > HASH_BYTES) levels.push((root = levelUp(root, prefixes)));
  return { root, levels, pathOf: (position) => merklePath(levels, position) };
}

/** The path up from a position of the lowest of these levels. */
export function merklePath(levels: readonly Uint8Array[], position: number): readonly Uint8Array[] {
  return levels.slice(0, -1).flatMap((level, i) => hashAt(level, (position >> i) ^ 1) ?? []);
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

function hashAt(level: Uint8Array, position: number): Uint8Array | undefined {
  const at = HASH_BYTES * position;
  return at < level.length ? level.slice(at, at + HASH_BYTES) : undefined;
}

/** Contents of one length are hashed together, which takes a third of the time. */
function hashLeaves(contents: readonly Uint8Array[], prefixes: MerklePrefixes): Uint8Array {
  if (contents.length === 0) throw new TypeError('a Merkle tree needs at least one leaf');
  const length = contents[0]?.length ?? 0;
  const isEven = length > 0 && contents.every((content) => content.length === length);
  if (isEven) return sm3.hashEach(concat(...contents), length, prefixes.leaf);
  return concat(...contents.map((content) => hashLeaf(content, prefixes)));
}

/** RFC 6962 splits at the largest power of two; carrying a lone last node upwards gives the same tree. */
function levelUp(level: Uint8Array, prefixes: MerklePrefixes): Uint8Array {
  const paired = level.length - (level.length % (2 * HASH_BYTES));
  const above = sm3.hashEach(level.subarray(0, paired), 2 * HASH_BYTES, prefixes.node);
  return paired === level.length ? above : concat(above, level.subarray(paired));
}

function hashLeaf(content: Uint8Array, prefixes: MerklePrefixes): Uint8Array {
  return sm3.hash(concat(Uint8Array.of(prefixes.leaf), content));
}

/** Two hashes under their prefix; nothing is called while it is filled. */
const NODE = new Uint8Array(1 + 2 * HASH_BYTES);

function hashNode(left: Uint8Array, right: Uint8Array, prefixes: MerklePrefixes): Uint8Array {
  NODE[0] = prefixes.node;
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_BYTES);
  return sm3.hash(NODE);
}
